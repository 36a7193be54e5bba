//! Tokens: what was issued, until when, and to which family a refresh token belongs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::clock::{delta, later};
use crate::ids::Ids;

/// The published life of an access token.
pub(crate) const LIFETIME: Duration = Duration::from_secs(3600);

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tokens {
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
    families: u64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Access {
    family: u64,
    scopes: Vec<String>,
    expires_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Refresh {
    family: u64,
    scopes: Vec<String>,
    lifetime: Duration,
    spent: bool,
}

/// Tokens that were just issued.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) expires_in: u64,
    pub(crate) scopes: Vec<String>,
}

/// What an access token is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Worth {
    Unknown,
    Expired,
    Scopes(Vec<String>),
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("access", &self.access.len())
            .field("refresh", &self.refresh.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("expires_in", &self.expires_in)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Issues an access and a refresh token that begin a family.
    pub(crate) fn issue(
        &mut self,
        ids: &mut Ids,
        scopes: &[String],
        lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Issued {
        self.families = self.families.saturating_add(1);
        // One skill text writes `calls.write` for `calls:write`.
        let scopes = scopes.iter().map(|scope| scope.replace('.', ":")).collect();
        self.issue_to(self.families, ids, scopes, lifetime, now)
    }

    fn issue_to(
        &mut self,
        family: u64,
        ids: &mut Ids,
        scopes: Vec<String>,
        lifetime: Duration,
        now: DateTime<Utc>,
    ) -> Issued {
        let access_token = ids.secret("at");
        let refresh_token = ids.secret("rt");
        self.access.insert(
            access_token.clone(),
            Access {
                family,
                scopes: scopes.clone(),
                expires_at: later(now, delta(lifetime)),
            },
        );
        self.refresh.insert(
            refresh_token.clone(),
            Refresh {
                family,
                scopes: scopes.clone(),
                lifetime,
                spent: false,
            },
        );
        Issued {
            access_token,
            refresh_token,
            expires_in: lifetime.as_secs(),
            scopes,
        }
    }

    /// Spends a refresh token. With strict rotation a second use shows that it was stolen: the whole
    /// family is revoked.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        strict: bool,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Option<Issued> {
        let refresh = self.refresh.get_mut(token)?;
        let family = refresh.family;
        if strict && refresh.spent {
            self.access.retain(|_, access| access.family != family);
            self.refresh.retain(|_, refresh| refresh.family != family);
            return None;
        }
        refresh.spent = true;
        let lifetime = refresh.lifetime.max(Duration::from_secs(1));
        let scopes = refresh.scopes.clone();
        Some(self.issue_to(family, ids, scopes, lifetime, now))
    }

    /// Takes over the tokens of another world that are not known here, as if just issued.
    pub(crate) fn adopt(&mut self, others: &Self, now: DateTime<Utc>) {
        self.families = self.families.saturating_add(1);
        for (token, access) in &others.access {
            self.access.entry(token.clone()).or_insert_with(|| Access {
                family: self.families,
                scopes: access.scopes.clone(),
                expires_at: later(now, delta(LIFETIME)),
            });
        }
        for (token, refresh) in &others.refresh {
            self.refresh
                .entry(token.clone())
                .or_insert_with(|| Refresh {
                    family: self.families,
                    ..refresh.clone()
                });
        }
    }

    pub(crate) fn worth(&self, token: &str, now: DateTime<Utc>) -> Worth {
        match self.access.get(token) {
            None => Worth::Unknown,
            Some(access) if access.expires_at <= now => Worth::Expired,
            Some(access) => Worth::Scopes(access.scopes.clone()),
        }
    }
}
