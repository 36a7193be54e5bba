//! The Retry-After header: seconds, or a date.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};

pub(super) fn parse(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(headers, &RETRY_AFTER)?;
    // The service's clock, where it says what time it has: ours may be wrong.
    let now = service_time(headers).unwrap_or_else(Utc::now);
    let wait = until.signed_duration_since(now).to_std();
    Some(wait.unwrap_or(Duration::ZERO))
}

/// What time it was at the service when it answered, to the second.
pub(crate) fn service_time(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    date(headers, &DATE)
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<DateTime<Utc>> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn seconds_dates_and_neither() {
        let parsed = |text: &'static str| {
            let mut headers = HeaderMap::new();
            let now = HeaderValue::from_static("Sat, 14 Feb 2026 12:00:00 GMT");
            headers.insert(DATE, now);
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            parse(&headers)
        };
        assert_eq!(parsed("120"), Some(Duration::from_secs(120)));
        assert_eq!(
            parsed("Sat, 14 Feb 2026 12:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            parsed("Sat, 14 Feb 2026 11:00:00 GMT"),
            Some(Duration::ZERO)
        );
        assert_eq!(parsed("soon"), None);
        assert_eq!(parsed("-1"), None);
        assert_eq!(parse(&HeaderMap::new()), None);
    }

    #[test]
    fn without_the_service_s_clock_ours_counts() {
        let mut headers = HeaderMap::new();
        let soon = (Utc::now() + chrono::TimeDelta::seconds(100)).to_rfc2822();
        headers.insert(RETRY_AFTER, HeaderValue::from_str(&soon).unwrap());
        let wait = parse(&headers).unwrap();
        assert!(Duration::from_secs(90) < wait && wait <= Duration::from_secs(100));
    }
}
