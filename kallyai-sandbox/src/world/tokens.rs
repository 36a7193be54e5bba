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
    #[serde(flatten)]
    grant: Grant,
    family: u64,
    spent: bool,
}

/// What somebody was given.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    #[serde(default)]
    pub(crate) holder: Holder,
    pub(crate) scopes: Vec<String>,
    pub(crate) lifetime: Duration,
}

/// Who may refresh: whom the tokens were given to (RFC 6749, section 6).
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Holder {
    /// Whoever has them: they were issued for a test.
    #[default]
    Anybody,
    /// A program without a client id.
    Program,
    /// A client of the code flow; who has shown the secret once shows it again.
    Client { id: String, with_secret: bool },
}

impl Holder {
    fn admits(&self, asking: &Self) -> bool {
        match (self, asking) {
            (Self::Anybody, _) | (Self::Program, Self::Program) => true,
            (
                Self::Client { id, with_secret },
                Self::Client {
                    id: asking,
                    with_secret: shown,
                },
            ) => id == asking && (*shown || !with_secret),
            _ => false,
        }
    }
}

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// There is a new one, and the old one goes on.
    Lax,
    /// There is a new one; using the old one again revokes the family.
    Strict,
    /// There is no new one.
    Keep,
}

/// Tokens that were just issued.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    /// The old one where it is kept.
    pub(crate) refresh_token: String,
    pub(crate) family: u64,
    pub(crate) expires_in: u64,
    pub(crate) scopes: Vec<String>,
}

/// What an access token is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Worth<'a> {
    Unknown,
    Expired,
    Scopes(&'a [String]),
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

impl Issued {
    fn new(access_token: String, refresh_token: String, family: u64, grant: &Grant) -> Self {
        Self {
            access_token,
            refresh_token,
            family,
            expires_in: grant.lifetime.as_secs(),
            scopes: grant.scopes.clone(),
        }
    }
}

impl Grant {
    /// With the published life of an access token.
    pub(crate) fn new(holder: Holder, scopes: Vec<String>) -> Self {
        Self {
            holder,
            scopes,
            lifetime: LIFETIME,
        }
    }
}

impl Tokens {
    /// Issues an access and a refresh token that begin a family.
    pub(crate) fn issue(&mut self, ids: &mut Ids, mut grant: Grant, now: DateTime<Utc>) -> Issued {
        self.families = self.families.saturating_add(1);
        // One skill text writes `calls.write` for `calls:write`.
        for scope in &mut grant.scopes {
            *scope = scope.replace('.', ":");
        }
        self.issue_to(self.families, ids, grant, now)
    }

    fn issue_to(&mut self, family: u64, ids: &mut Ids, grant: Grant, now: DateTime<Utc>) -> Issued {
        let access_token = self.issue_access(family, ids, &grant, now);
        let refresh_token = ids.secret("rt");
        let issued = Issued::new(access_token, refresh_token.clone(), family, &grant);
        let refresh = Refresh {
            grant,
            family,
            spent: false,
        };
        self.refresh.insert(refresh_token, refresh);
        issued
    }

    fn issue_access(
        &mut self,
        family: u64,
        ids: &mut Ids,
        grant: &Grant,
        now: DateTime<Utc>,
    ) -> String {
        let access_token = ids.secret("at");
        self.access.insert(
            access_token.clone(),
            Access {
                family,
                scopes: grant.scopes.clone(),
                expires_at: later(now, delta(grant.lifetime)),
            },
        );
        access_token
    }

    /// Uses a refresh token. With strict rotation a second use shows that it was stolen: the whole
    /// family is revoked. Somebody else's use changes nothing.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        asking: &Holder,
        rotation: Rotation,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Option<Issued> {
        let refresh = self.refresh.get_mut(token)?;
        let family = refresh.family;
        if !refresh.grant.holder.admits(asking) {
            return None;
        }
        if rotation == Rotation::Strict && refresh.spent {
            self.revoke(family);
            return None;
        }
        refresh.spent |= rotation != Rotation::Keep;
        let mut grant = refresh.grant.clone();
        grant.lifetime = grant.lifetime.max(Duration::from_secs(1));
        if rotation == Rotation::Keep {
            let access_token = self.issue_access(family, ids, &grant, now);
            return Some(Issued::new(access_token, token.to_owned(), family, &grant));
        }
        Some(self.issue_to(family, ids, grant, now))
    }

    /// Takes away all that came of one sign-in.
    pub(crate) fn revoke(&mut self, family: u64) {
        self.access.retain(|_, access| access.family != family);
        self.refresh.retain(|_, refresh| refresh.family != family);
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

    pub(crate) fn worth(&self, token: &str, now: DateTime<Utc>) -> Worth<'_> {
        match self.access.get(token) {
            None => Worth::Unknown,
            Some(access) if access.expires_at <= now => Worth::Expired,
            Some(access) => Worth::Scopes(&access.scopes),
        }
    }
}
