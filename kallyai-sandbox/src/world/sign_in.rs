//! Sign-ins under way: what a browser has begun and the user has still to decide, and codes that
//! have still to be exchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::clock::{delta, later};
use crate::ids::Ids;

/// How long a code can be exchanged; RFC 6749 recommends no more.
const CODE_LIFETIME: Duration = Duration::from_secs(600);

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct SignIns {
    pending: BTreeMap<String, Asked>,
    codes: BTreeMap<String, Code>,
    /// Apple's codes that were exchanged.
    #[serde(default)]
    apple_codes: BTreeSet<String>,
}

/// What a browser came with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) flow: Flow,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flow {
    /// The tokens themselves come back in the query.
    Cli,
    /// A code comes back.
    Code {
        client_id: String,
        scopes: Vec<String>,
        challenge: Option<String>,
    },
}

/// What a code stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) challenge: Option<String>,
    expires_at: DateTime<Utc>,
    #[serde(default)]
    spent: bool,
    /// The tokens that were given for it.
    #[serde(default)]
    family: Option<u64>,
}

/// What a code is worth that somebody comes with.
pub(crate) enum Worth {
    Good(Code),
    /// It was used before, and brought these tokens.
    Spent(Option<u64>),
    Unknown,
}

impl SignIns {
    /// Keeps what was asked until the user decides; the ticket names it.
    pub(crate) fn ask(&mut self, ids: &mut Ids, asked: Asked) -> String {
        let ticket = ids.secret("consent");
        self.pending.insert(ticket.clone(), asked);
        ticket
    }

    pub(crate) fn is_pending(&self, ticket: &str) -> bool {
        self.pending.contains_key(ticket)
    }

    /// Takes a decided sign-in away.
    pub(crate) fn decided(&mut self, ticket: &str) -> Option<Asked> {
        self.pending.remove(ticket)
    }

    pub(crate) fn issue_code(
        &mut self,
        ids: &mut Ids,
        client_id: String,
        redirect_uri: String,
        scopes: Vec<String>,
        challenge: Option<String>,
        now: DateTime<Utc>,
    ) -> String {
        let code = ids.secret("code");
        self.codes.insert(
            code.clone(),
            Code {
                client_id,
                redirect_uri,
                scopes,
                challenge,
                expires_at: later(now, delta(CODE_LIFETIME)),
                spent: false,
                family: None,
            },
        );
        code
    }

    /// Spends a code: right or wrong, it is good no more.
    pub(crate) fn take_code(&mut self, code: &str, now: DateTime<Utc>) -> Worth {
        self.codes.retain(|_, code| code.expires_at > now);
        match self.codes.get_mut(code) {
            None => Worth::Unknown,
            Some(code) if code.spent => Worth::Spent(code.family),
            Some(code) => {
                code.spent = true;
                Worth::Good(code.clone())
            }
        }
    }

    /// Notes which tokens a code has brought: its second use revokes them.
    pub(crate) fn exchanged(&mut self, code: &str, family: u64) {
        if let Some(code) = self.codes.get_mut(code) {
            code.family = Some(family);
        }
    }

    /// Spends a code of Apple's; false when it was used before.
    pub(crate) fn take_apple_code(&mut self, code: &str) -> bool {
        self.apple_codes.insert(code.to_owned())
    }
}
