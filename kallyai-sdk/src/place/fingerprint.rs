//! What a call is recognised by.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use crate::types::{Call, CallRequest};

/// Number and task of a call, as a hash (SHA-256) that tells neither. Somebody who guesses both can check
/// the guess, so what holds it is better kept private all the same.
///
/// It prints, and is encoded, as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| de::Error::custom("no 64 hexadecimal digits"))
    }
}

fn parse(text: &str) -> Option<Fingerprint> {
    let mut digits = text.chars().map(|digit| digit.to_digit(16));
    let mut bytes = [0; 32];
    for byte in &mut bytes {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    digits.next().is_none().then_some(Fingerprint(bytes))
}

impl Fingerprint {
    pub(crate) fn of_request(request: &CallRequest) -> Self {
        let submission = &request.submission;
        Self::new(
            submission.respondent_phone.as_str(),
            &submission.task_description,
        )
    }

    /// That of a listed call, if the service tells enough.
    pub(crate) fn of_call(call: &Call) -> Option<Self> {
        let submission = call.submission.as_ref()?;
        let phone = submission.respondent_phone.as_ref().or(call.to.as_ref())?;
        let task = submission.task_description.as_ref()?;
        Some(Self::new(phone, task))
    }

    fn new(phone: &str, task: &str) -> Self {
        let hash = Sha256::new()
            .chain_update(phone)
            // No number has it: what comes before cannot run into what follows.
            .chain_update([0])
            .chain_update(task);
        Self(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_and_task_make_it() {
        let one = Fingerprint::new("+12025550199", "Reserve a table");
        assert_eq!(one, Fingerprint::new("+12025550199", "Reserve a table"));
        assert_ne!(one, Fingerprint::new("+12025550198", "Reserve a table"));
        assert_ne!(one, Fingerprint::new("+12025550199", "Reserve a table."));
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let one = Fingerprint::new("+12025550199", "Reserve a table");
        let text = one.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(parse(&text), Some(one));
        for other in ["", &text[1..], &format!("{text}0"), &text.replace('a', "x")] {
            assert_eq!(parse(other), None, "{other}");
        }
        assert_eq!(format!("{one:?}"), "Fingerprint(..)");
    }
}
