//! What all parts of one run share.

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
    pub(crate) settings: Settings,
}

impl Session {
    pub(crate) fn new(options: Options, output: Output) -> Result<Self, Failure> {
        Ok(Self {
            settings: Settings::of(&options)?,
            options,
            output,
        })
    }

    /// A client of whoever is signed in; of nobody, where nothing is to be sent.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(if self.options.dry_run {
            self.settings.nobodys_client()?
        } else {
            self.settings.client()?
        })
    }
}
