//! Asking the user.

use std::fmt;
use std::pin::Pin;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// What the user is to agree to.
#[derive(Clone)]
#[non_exhaustive]
pub struct Confirmation {
    /// The name of the tool.
    pub tool: String,
    /// What it does, in a few words.
    pub title: String,
    /// What it sets going: that it dials, what it costs, that it cannot be taken back.
    pub consequences: Vec<String>,
    /// What it was asked for with: it holds numbers and texts, and is for the user's eyes.
    pub arguments: Value,
    pub(in crate::tools) digest: [u8; 32],
}

/// Arguments hold numbers and tasks.
impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("tool", &self.tool)
            .field("consequences", &self.consequences)
            .finish_non_exhaustive()
    }
}

impl Confirmation {
    pub(in crate::tools) fn new(
        tool: &super::Tool,
        canonical: &str,
        arguments: Value,
        consequences: Vec<String>,
    ) -> Self {
        Self {
            tool: tool.name().to_owned(),
            title: tool.title().to_owned(),
            consequences,
            arguments,
            digest: digest(tool.name(), canonical),
        }
    }

    /// What names tool and arguments, and no others: whoever has agreed to this has agreed to nothing else.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// One line for the user, without the arguments.
    pub fn summary(&self) -> String {
        let mut summary = self.title.clone();
        for consequence in &self.consequences {
            summary.push_str("; ");
            summary.push_str(consequence);
        }
        summary
    }
}

pub(in crate::tools) fn digest(tool: &str, canonical: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(tool)
        .chain_update([0])
        .chain_update(canonical)
        .finalize()
        .into()
}

/// Asks the user whether something may be done.
///
/// A closure that answers at once is one too: `policy.confirm(|asked: &Confirmation| ask_on_terminal(asked))`.
pub trait Confirm: Send + Sync {
    /// True when the user has agreed. Whatever cannot ask says false.
    fn ask<'a>(
        &'a self,
        confirmation: &'a Confirmation,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;
}

impl fmt::Debug for dyn Confirm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Confirm")
    }
}

impl<F: Fn(&Confirmation) -> bool + Send + Sync> Confirm for F {
    fn ask<'a>(
        &'a self,
        confirmation: &'a Confirmation,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        let agreed = self(confirmation);
        Box::pin(std::future::ready(agreed))
    }
}
