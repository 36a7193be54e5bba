//! Why a text is no phone number.

use std::fmt;

use super::calling_codes::Lengths;
use crate::error::{Error, ErrorCode, Problem};

/// Why a text is no number in E.164. It never repeats the text: what it tells of it are places,
/// counts of digits and the calling code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseE164Error {
    /// There is nothing, or nothing but spaces.
    Empty,
    /// It does not start with a plus.
    MissingPlus,
    /// The digit after the plus is 0; no calling code starts so.
    LeadingZero,
    /// There is something else than a digit of ASCII at this place, counted from 0 in characters.
    BadCharacter(usize),
    /// It ends before the calling code does, or with it.
    TooShort,
    /// There are more than 15 digits.
    TooLong,
    /// No country and no service has a calling code that starts so.
    UnknownCallingCode,
    /// Numbers of this calling code have another length.
    #[non_exhaustive]
    BadLength {
        /// The calling code.
        calling_code: u16,
        /// How many digits may follow the calling code.
        expected: Lengths,
        /// How many do.
        got: usize,
    },
    /// There is a 0 after the calling code. It is dialled inside the country, and is no part of the
    /// number.
    #[non_exhaustive]
    TrunkZero {
        /// The calling code.
        calling_code: u16,
    },
    /// It reaches emergency services, which must not be called for somebody.
    Emergency,
}

impl ParseE164Error {
    /// The code with which the service refuses such a number, where it has one.
    ///
    /// ```
    /// use kallyai_sdk::ErrorCode;
    /// use kallyai_sdk::phone::E164;
    ///
    /// let error = "+1911".parse::<E164>().unwrap_err();
    /// assert_eq!(error.code(), Some(ErrorCode::EmergencyNumber));
    /// ```
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Empty => Some(ErrorCode::MissingPhoneNumber),
            Self::Emergency => Some(ErrorCode::EmergencyNumber),
            _ => None,
        }
    }
}

impl fmt::Display for ParseE164Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the phone number is empty"),
            Self::MissingPlus => f.write_str(
                "the phone number does not start with +; write it in E.164, like +12025550199",
            ),
            Self::LeadingZero => {
                f.write_str("the phone number has a 0 after the +; a calling code belongs there")
            }
            Self::BadCharacter(at) => write!(
                f,
                "the phone number has something else than a digit at place {at}, counted from 0"
            ),
            Self::TooShort => {
                f.write_str("the phone number is too short: it ends with the calling code")
            }
            Self::TooLong => f.write_str("the phone number has more than 15 digits"),
            Self::UnknownCallingCode => f.write_str(
                "the phone number starts with a calling code that does not exist; the country's \
                 belongs after the +",
            ),
            Self::BadLength {
                calling_code,
                expected,
                got,
            } => write!(
                f,
                "the phone number has {got} digits after +{calling_code}, which has numbers of \
                 {expected}"
            ),
            Self::TrunkZero { calling_code } => write!(
                f,
                "the phone number has a 0 that is dialled inside the country only: drop the 0 \
                 after +{calling_code}"
            ),
            Self::Emergency => f.write_str(
                "the phone number is that of emergency services, which cannot be called; call \
                 them yourself",
            ),
        }
    }
}

impl std::error::Error for ParseE164Error {}

/// What is refused while a request is built is refused like what is refused before it is sent: so `?` is
/// enough in a function whose errors are this library's.
///
/// ```
/// use kallyai_sdk::{Error, phone::E164};
///
/// fn read(text: &str) -> Result<E164, Error> {
///     Ok(text.parse()?)
/// }
///
/// let error = read("+1911").unwrap_err();
/// assert_eq!(error.field(), Some("phone_number"));
/// assert_eq!(error.code().unwrap().as_str(), "emergency_number");
/// ```
impl From<ParseE164Error> for Error {
    fn from(error: ParseE164Error) -> Self {
        let problem = Problem::new("phone_number", error.to_string(), error.code());
        Self::invalid_request(vec![problem])
    }
}
