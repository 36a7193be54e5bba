//! A service that takes a second use of a refresh token for theft.

use std::sync::{Mutex, PoisonError};

use crate::auth::Refused;
use crate::error::Error;
use crate::types::{Seconds, TokenResponse};

pub(crate) struct Service(Mutex<State>);

struct State {
    /// How many refresh tokens there were: the last one is good.
    issued: u32,
    asked: u32,
    thefts: u32,
    /// How often it is down before it works.
    down: u32,
    /// Takes no refresh token.
    refuses: bool,
}

impl Service {
    pub(crate) fn new(down: u32, refuses: bool) -> Self {
        Self(Mutex::new(State {
            issued: 1,
            asked: 0,
            thefts: 0,
            down,
            refuses,
        }))
    }

    /// Between asking and answering, others go on: the lock is taken twice.
    pub(crate) fn refresh(&self, token: &str) -> Result<TokenResponse, Refused> {
        self.with(|state| state.asked += 1);
        self.with(|state| {
            if state.down > 0 {
                state.down -= 1;
                return Err(Refused::Later(Error::sign_in("down")));
            }
            if state.refuses {
                return Err(Refused::Rejected(None));
            }
            if token != refresh_token(state.issued) {
                state.thefts += 1;
                return Err(Refused::Rejected(None));
            }
            state.issued += 1;
            Ok(TokenResponse {
                access_token: access_token(state.issued).into(),
                refresh_token: Some(refresh_token(state.issued).into()),
                expires_in: Some(Seconds(3600.0)),
                scope: None,
            })
        })
    }

    /// How many refreshes it was asked for, and how many of them with a token that was spent.
    pub(crate) fn asked(&self) -> (u32, u32) {
        self.with(|state| (state.asked, state.thefts))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(crate) fn refresh_token(number: u32) -> String {
    format!("refresh-{number}")
}

pub(crate) fn access_token(number: u32) -> String {
    format!("access-{number}")
}
