//! What the machine says of its user.

use jiff::tz::TimeZone;

/// Where the language and the time zone come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    /// The locale, like es-MX.
    pub(crate) locale: fn() -> Option<String>,
    /// The IANA name of the time zone.
    pub(crate) time_zone: fn() -> Option<String>,
}

impl Machine {
    /// This machine.
    pub(crate) fn this() -> Self {
        Self {
            locale: sys_locale::get_locale,
            time_zone: || environment().or_else(|| iana_time_zone::get_timezone().ok()),
        }
    }

    /// A language that the service speaks: English where the user's is another one.
    pub(super) fn language(self) -> &'static str {
        let locale = (self.locale)().unwrap_or_default();
        let language = locale.split(['-', '_', '.']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("es") {
            "es"
        } else {
            "en"
        }
    }

    /// The time zone, if it has a name that is known.
    pub(super) fn time_zone(self) -> Option<String> {
        (self.time_zone)().filter(|name| is_time_zone(name))
    }
}

/// Whether it is the exact name of a time zone in the IANA database.
pub(super) fn is_time_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}

/// The zone that the user has set for this process.
fn environment() -> Option<String> {
    let zone = std::env::var("TZ").ok()?;
    let zone = zone.trim_start_matches(':');
    is_time_zone(zone).then(|| zone.to_owned())
}
