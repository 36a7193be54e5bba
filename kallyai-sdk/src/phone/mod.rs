//! Phone numbers.
//!
//! [`E164`] is a number as the service takes it. Parsing is strict: what is parsed is sent as it is
//! written, and nothing is added or dropped. It answers one question, *can this be a number*: the
//! calling code exists, and numbers of that code have this many digits. Whether somebody has the
//! number only the service can tell. What is refused, and why, is [`ParseE164Error`].
//!
//! Numbers of emergency services are always refused, with or without a calling code before them:
//! `911`, `+112`, `+1911`, `+44999`. The list is of the US, Canada, the European Union, Iceland,
//! Norway, Switzerland and the UK.
//!
//! What else a program does not want to call is its own decision: see [`Policy`].
//!
//! With the feature `phone-metadata`, `E164::parse_lenient` reads numbers as people write them, and
//! `kind()`, `region()` and `is_valid()` tell what Google's libphonenumber knows about a number.
//!
//! ```
//! use kallyai_sdk::ErrorCode;
//! use kallyai_sdk::phone::{E164, ParseE164Error, Policy, Refused, Region};
//!
//! let number: E164 = "+442079460999".parse()?;
//! let error = "+4402079460999".parse::<E164>().unwrap_err();
//! assert!(error.to_string().ends_with("drop the 0 after +44"));
//! assert_eq!("+44999".parse::<E164>(), Err(ParseE164Error::Emergency));
//!
//! let policy = Policy::new().countries([Region::US, Region::CA]);
//! assert_eq!(policy.check(&number), Err(Refused::Country));
//! assert_eq!(Refused::Country.code(), ErrorCode::UnsupportedCountry);
//! # Ok::<(), ParseE164Error>(())
//! ```

mod calling_codes;
mod data;
mod e164;
mod emergency;
mod error;
#[cfg(feature = "phone-metadata")]
mod metadata;
mod policy;
mod region;

pub use calling_codes::Lengths;
pub use e164::E164;
pub use error::ParseE164Error;
#[cfg(feature = "phone-metadata")]
pub use metadata::NumberKind;
pub use policy::{Policy, Refused};
pub use region::{ParseRegionError, Region};
