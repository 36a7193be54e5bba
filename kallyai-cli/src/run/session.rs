//! What all parts of one run share.

use std::cell::OnceCell;

use kallyai_sdk::Client;

use super::Failure;
use crate::output::Output;
use crate::setup::Settings;
use crate::surface::Options;

/// One run of the command.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) options: Options,
    pub(crate) output: Output,
    settings: OnceCell<Settings>,
}

impl Session {
    pub(crate) fn new(options: Options, output: Output) -> Self {
        Self {
            options,
            output,
            settings: OnceCell::new(),
        }
    }

    /// What counts for this run. Whoever asks for nothing of it is not held up by a broken file.
    pub(crate) fn settings(&self) -> Result<&Settings, Failure> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let settings = Settings::of(&self.options)?;
        Ok(self.settings.get_or_init(|| settings))
    }

    /// A client of whoever is signed in; of nobody, where nothing is to be sent.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let settings = self.settings()?;
        Ok(if self.options.dry_run {
            settings.nobodys_client()?
        } else {
            settings.client()?
        })
    }
}
