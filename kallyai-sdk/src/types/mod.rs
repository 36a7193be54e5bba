//! What is sent and received.
//!
//! Objects are generated from the spec and carry its names. Those that are sent have a constructor
//! for the required fields and a setter for each field; those that are received can grow and keep
//! unknown fields in `extra`. Enums are open: a value that the spec does not list is `Unknown`. Nothing
//! here prints a secret, a phone number or a personal text in `Debug`.

mod calls;
mod decimal;
mod opaque;
mod open_enum;
mod redirect;
mod text;
mod time;

use open_enum::open_enum;

include!(concat!(env!("OUT_DIR"), "/enums.rs"));

pub use crate::generated::types::*;
pub use crate::phone::E164;
pub use decimal::{Decimal, ParseDecimalError};
pub use opaque::Opaque;
pub use redirect::Redirect;
pub use text::{PersonalText, PhoneText, SecretText};
pub use time::{LocalDateTime, ParseLocalDateTimeError, ParseTimeOfDayError, TimeOfDay, Timestamp};
