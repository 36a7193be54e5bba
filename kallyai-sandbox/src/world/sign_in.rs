//! Sign-ins under way: what a browser has begun and the user has still to decide, and codes that
//! have still to be exchanged.

use std::collections::BTreeMap;
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
            },
        );
        code
    }

    /// Spends a code: right or wrong, it is gone.
    pub(crate) fn take_code(&mut self, code: &str, now: DateTime<Utc>) -> Option<Code> {
        self.codes.remove(code).filter(|code| code.expires_at > now)
    }
}
