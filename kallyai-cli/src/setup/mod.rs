//! Where the service is and who is signed in: flags, environment, configuration file, default, in this order.

mod config;
mod settings;

pub(crate) use config::ConfigError;
pub(crate) use settings::Settings;
