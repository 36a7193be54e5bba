//! What a call is recognised by.

use sha2::{Digest, Sha256};

use crate::types::{Call, CallRequest};

/// Number and task of a call, as a hash that tells neither: it may be written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

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
}
