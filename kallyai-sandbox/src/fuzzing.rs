//! A world without a socket, for the targets of `fuzz/`. No other build has it.

use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::MockConnectInfo;

use crate::builder::Settings;
use crate::catalogue::catalogue;
use crate::clock::Clock;
use crate::error::Error;
use crate::line::Reset;
use crate::server;
use crate::shared::Shared;
use crate::world::Credentials;

/// A world, and who may ask it.
pub struct World {
    /// Answers requests.
    pub app: Router,
    /// An access token with all scopes.
    pub access_token: String,
    /// The refresh token beside it.
    pub refresh_token: String,
    /// Of the code flow.
    pub client_id: String,
    /// Of the code flow.
    pub client_secret: String,
}

impl World {
    /// One that is the same each time, whose calls end at once and whose time stands still.
    pub fn new() -> Result<Self, Error> {
        let catalogue = catalogue().map_err(Error::Spec)?;
        let settings = Settings {
            clock: Clock::PerPoll,
            ..Settings::default()
        };
        let base_url = "http://127.0.0.1:8980".to_owned();
        let shared = Shared::new(catalogue, settings, base_url, 0, "0".to_owned());
        let Credentials {
            access_token,
            refresh_token,
            client_id,
            client_secret,
        } = shared.state().world.credentials.clone();
        Ok(Self {
            app: server::app(Arc::new(shared)).layer(MockConnectInfo(Reset::default())),
            access_token,
            refresh_token,
            client_id,
            client_secret,
        })
    }
}
