//! What a program does not want to call.

use std::collections::BTreeSet;
use std::fmt;

use super::data::PREMIUM_PREFIXES;
use super::e164::E164;
use super::region::Region;
use crate::error::ErrorCode;

/// Which numbers a program refuses to call. A new one refuses nothing: the service is the judge, and
/// refuses with the same codes. A policy is for refusing earlier, or more.
///
/// It knows what a small table tells, and is the same with and without the feature
/// `phone-metadata`:
///
/// - *Countries* by calling code, and by area code for +1, which 25 countries share. Where it cannot
///   tell (toll-free numbers and unassigned area codes of +1; +7 is Russia and Kazakhstan, +44 the
///   UK, Guernsey, Jersey and Man) a number passes if one of the countries is allowed. Numbers of
///   international services (+800, +870) are in no country.
/// - *Premium rate* by prefix, as in libphonenumber's data: +1 900, +44 9, +33 89, +979. A prefix is in
///   the table if only premium-rate numbers are known to start with it; it also holds what costs more
///   than a call, like +44 84. What the table cannot tell: countries that mix premium-rate numbers
///   with others, numbers newer than the data, and what a call costs. `E164::kind()` (feature
///   `phone-metadata`) looks at the whole number, with data of the same origin.
///
/// ```
/// use kallyai_sdk::phone::{E164, Policy, Refused, Region};
///
/// let hotline: E164 = "+19005550199".parse()?;
/// let policy = Policy::new()
///     .countries([Region::US, Region::CA])
///     .refuse_premium_rate();
/// assert_eq!(policy.check(&hotline), Err(Refused::PremiumRate));
/// assert_eq!(policy.allow(hotline).check(&hotline), Ok(()));
/// # Ok::<(), kallyai_sdk::phone::ParseE164Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Policy {
    countries: Option<BTreeSet<Region>>,
    refuses_premium_rate: bool,
    allowed: BTreeSet<E164>,
}

impl Policy {
    /// A policy that refuses nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses numbers that are certainly in none of these countries. Called again, it adds to them.
    /// [`Region::SUPPORTED`] is what the service has published.
    #[must_use]
    pub fn countries(mut self, countries: impl IntoIterator<Item = Region>) -> Self {
        self.countries.get_or_insert_default().extend(countries);
        self
    }

    /// Refuses premium-rate numbers.
    #[must_use]
    pub fn refuse_premium_rate(mut self) -> Self {
        self.refuses_premium_rate = true;
        self
    }

    /// Lets this number pass, whatever else is refused.
    #[must_use]
    pub fn allow(mut self, number: E164) -> Self {
        self.allowed.insert(number);
        self
    }

    /// Whether the number may be called.
    ///
    /// # Errors
    ///
    /// Why it may not.
    pub fn check(&self, number: &E164) -> Result<(), Refused> {
        if self.allowed.contains(number) {
            return Ok(());
        }
        if self.refuses_premium_rate && is_premium_rate(number) {
            return Err(Refused::PremiumRate);
        }
        match &self.countries {
            Some(countries) if !is_in(number, countries) => Err(Refused::Country),
            _ => Ok(()),
        }
    }
}

fn is_in(number: &E164, countries: &BTreeSet<Region>) -> bool {
    number.split().is_some_and(|(code, national)| {
        let mut regions = code.regions(national).iter();
        regions.any(|region| countries.contains(region))
    })
}

fn is_premium_rate(number: &E164) -> bool {
    number.split().is_some_and(|(code, national)| {
        PREMIUM_PREFIXES
            .iter()
            .filter(|(of, _)| *of == code.value)
            .flat_map(|(_, prefixes)| prefixes.iter())
            .any(|prefix| national.starts_with(prefix.as_bytes()))
    })
}

/// Why a [`Policy`] refuses a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// It is a premium-rate number.
    PremiumRate,
    /// It is in none of the countries that are allowed.
    Country,
}

impl Refused {
    /// The code with which the service refuses such numbers.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::PremiumRate => ErrorCode::TollNumber,
            Self::Country => ErrorCode::UnsupportedCountry,
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PremiumRate => {
                "the phone number is a premium-rate number, which the policy refuses; use another \
                 number, or allow this one"
            }
            Self::Country => {
                "the phone number is in no country that the policy allows; use another number, or \
                 allow this one"
            }
        })
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &Policy, number: &str) -> Result<(), Refused> {
        policy.check(&number.parse().unwrap())
    }

    #[test]
    fn refuses_nothing_by_itself() {
        for number in ["+19005550199", "+979123456789", "+8613800138000"] {
            assert_eq!(check(&Policy::new(), number), Ok(()), "{number}");
        }
    }

    #[test]
    fn countries() {
        let policy = Policy::new().countries([Region::US]);
        for number in ["+12025550199", "+15551234567", "+18005550199"] {
            assert_eq!(check(&policy, number), Ok(()), "{number}");
        }
        let elsewhere = [
            "+14165550199",
            "+18765550199",
            "+442079460999",
            "+80012345678",
        ];
        for number in elsewhere {
            assert_eq!(check(&policy, number), Err(Refused::Country), "{number}");
        }
        let policy = policy.countries([Region::GB]);
        assert_eq!(check(&policy, "+442079460999"), Ok(()));
        assert_eq!(check(&policy, "+12025550199"), Ok(()));
        let none = Policy::new().countries([]);
        assert_eq!(check(&none, "+12025550199"), Err(Refused::Country));
    }

    #[test]
    fn what_the_service_has_published() {
        let policy = Policy::new().countries(Region::SUPPORTED.iter().copied());
        for number in [
            "+12025550199",
            "+14165550199",
            "+442079460999",
            "+34911234567",
        ] {
            assert_eq!(check(&policy, number), Ok(()), "{number}");
        }
        for number in ["+18765550199", "+8613800138000"] {
            assert_eq!(check(&policy, number), Err(Refused::Country), "{number}");
        }
    }

    #[test]
    fn premium_rate_and_its_override() {
        let policy = Policy::new().refuse_premium_rate();
        let premium = [
            "+19005550199",
            "+34803123456",
            "+449012345678",
            "+33891123456",
            "+979123456789",
        ];
        for number in premium {
            assert_eq!(
                check(&policy, number),
                Err(Refused::PremiumRate),
                "{number}"
            );
            let allowing = policy.clone().allow(number.parse().unwrap());
            assert_eq!(check(&allowing, number), Ok(()));
            assert!(check(&allowing, "+19005550198").is_err());
        }
        for number in [
            "+12025550199",
            "+18005550199",
            "+34911234567",
            "+33123456789",
        ] {
            assert_eq!(check(&policy, number), Ok(()), "{number}");
        }
    }

    #[test]
    fn says_what_to_do() {
        assert_eq!(Refused::PremiumRate.code(), ErrorCode::TollNumber);
        assert_eq!(Refused::Country.code(), ErrorCode::UnsupportedCountry);
        for refused in [Refused::PremiumRate, Refused::Country] {
            assert!(refused.to_string().contains("; use another number"));
        }
    }
}
