//! One renewal: read, refresh, write, under the lock of the store. It runs on a thread of its own.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::TokenSet;
use super::bearer::check_token;
use super::current::Current;
use super::refresh::{self, OAuthClient, Refused, no_tokens};
use super::store::{LockedStore, Replaced};
use super::stored::{Memory, Stored};
use crate::clock::{Now, milliseconds};
use crate::error::Error;
use crate::types::{SecretText, TokenResponse};
use crate::wire::{Settings, Wire};

/// How long a rejected refresh token is not tried again.
const DEAD: Duration = Duration::from_secs(60);
/// How often tokens are written before they are kept in memory only.
const WRITES: u32 = 5;
/// How often a refresh token is rejected and another one found in the store.
const ROUNDS: u32 = 3;

/// A good token, other than the rejected one.
pub(super) fn renew(stored: &Stored, rejected: Option<u64>) -> Result<Current, Error> {
    let current = stored.current();
    let rejected = current.filter(|current| rejected == Some(current.generation));
    let renewal = Renewal {
        stored,
        rejected: rejected.as_deref().map(|current| &current.tokens),
    };
    renewal.run()
}

/// What is read of an answer to a refresh at least, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

struct Renewal<'a> {
    stored: &'a Stored,
    /// What the service has just rejected.
    rejected: Option<&'a TokenSet>,
}

impl Renewal<'_> {
    fn run(&self) -> Result<Current, Error> {
        let error = match self.renewed() {
            Err(error) if !error.is_not_logged_in() => error,
            outcome => return outcome,
        };
        // What is not over yet is used to its end.
        let Some(current) = self.respite() else {
            return Err(error);
        };
        tracing::warn!(
            kind = ?error.kind(),
            "the access token could not be refreshed; it is used until it expires"
        );
        Ok(current)
    }

    fn renewed(&self) -> Result<Current, Error> {
        // Mostly another process has refreshed, or the token has never been read: no lock is needed.
        let found = self.belonging(self.stored.store.load()?)?;
        match self.usable(&found, Current::is_fresh)? {
            Some(current) => Ok(current),
            None => self.refresh_under_lock(&found),
        }
    }

    fn refresh_under_lock(&self, found: &TokenSet) -> Result<Current, Error> {
        if found.refresh_token.is_none() {
            return Err(Error::reauth_required(
                "the access token is no longer good, and there is no refresh token",
            ));
        }
        let mut store = self.stored.store.lock()?;
        self.save_unsaved(&mut *store);
        let mut before = found.clone();
        let mut rejection = None;
        for _ in 0..ROUNDS {
            let now = self.belonging(store.load()?)?;
            // Another process was quicker.
            if !now.same_tokens(&before)
                && let Some(current) = self.usable(&now, Current::is_alive)?
            {
                return Ok(current);
            }
            match self.refresh(&self.newest(&now)) {
                Ok(new) => return self.adopt(&mut *store, &now, new),
                Err(Refused::Later(error)) => return Err(error.while_refreshing()),
                // Somebody who does not lock may have refreshed or signed in meanwhile: look again.
                Err(Refused::Rejected(error)) => {
                    rejection = error;
                    before = now;
                }
            }
            if store.load()?.is_some_and(|now| now.same_tokens(&before)) {
                break;
            }
        }
        Err(
            Error::reauth_required("the service does not take the refresh token any more")
                .caused_by(rejection),
        )
    }

    /// Sends the refresh request, unless the service has rejected this token a moment ago.
    fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, Refused> {
        let gone = || Refused::Rejected(None);
        let refresh_token = tokens.refresh_token.as_ref().ok_or_else(gone)?;
        let now = self.stored.clock.now().monotonic;
        if self.memory().rejected.as_ref().is_some_and(|(token, at)| {
            token.is_same(refresh_token) && now.saturating_sub(*at) < milliseconds(DEAD)
        }) {
            return Err(gone());
        }
        let client = self.client_of(tokens).map_err(Refused::Later)?;
        let refreshed = self.send(client.as_ref(), refresh_token);
        if let Err(Refused::Rejected(_)) = &refreshed {
            self.memory().rejected = Some((refresh_token.clone(), now));
        }
        let mut new = TokenSet::from_response(refreshed?, self.now());
        if check_token(new.access_token.expose()).is_err() {
            return Err(Refused::Later(no_tokens()));
        }
        // An answer without one keeps the old one (RFC 6749, section 6).
        new.refresh_token = new.refresh_token.or_else(|| tokens.refresh_token.clone());
        new.scope = new.scope.or_else(|| tokens.scope.clone());
        new.origin.clone_from(&tokens.origin);
        new.client_id.clone_from(&tokens.client_id);
        Ok(new)
    }

    /// On connections of its own: those of the client end with its runtime.
    fn send(
        &self,
        client: Option<&OAuthClient>,
        refresh_token: &SecretText,
    ) -> Result<TokenResponse, Refused> {
        let home = self.stored.home().map_err(Refused::Later)?;
        // However little the program reads of other answers: this one it cannot ask for again.
        let settings = Settings {
            max_answer: home.settings.max_answer.max(LARGEST_ANSWER),
            ..home.settings.clone()
        };
        let wire = Wire::new(&settings, home.base_url.clone()).map_err(Refused::Later)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| {
                Refused::Later(Error::sign_in("the system gives no runtime to refresh in"))
            })?;
        runtime.block_on(refresh::refresh(
            &wire,
            client,
            refresh_token,
            &self.stored.policy,
        ))
    }

    /// Stores what was refreshed, and uses it.
    fn adopt(
        &self,
        store: &mut dyn LockedStore,
        old: &TokenSet,
        new: TokenSet,
    ) -> Result<Current, Error> {
        let mut written = store.replace(old, &new);
        for write in 1..WRITES {
            if written.is_ok() {
                break;
            }
            // This thread has time, and the lock: until they are stored, others would spend the old one.
            std::thread::sleep(self.stored.policy.backoff.first.saturating_mul(write));
            written = store.replace(old, &new);
        }
        if written.is_ok() {
            self.memory().unsaved = None;
        }
        match written {
            Ok(Replaced::Stored) => Current::new(new, true, self.stored.clock.now()),
            Ok(Replaced::LoggedOut) => Err(Error::not_logged_in()),
            Ok(Replaced::SignedInAnew(tokens)) => Current::new(
                self.belonging(Some(tokens))?,
                false,
                self.stored.clock.now(),
            ),
            Err(_) => {
                tracing::warn!(
                    "refreshed tokens could not be stored; they are kept in memory, and stored with \
                     the next refresh"
                );
                self.memory().unsaved = Some((old.clone(), new.clone()));
                Current::new(new, true, self.stored.clock.now())
            }
        }
    }

    /// What came in the place of stored tokens and could not be stored, or those.
    fn newest(&self, stored: &TokenSet) -> TokenSet {
        match &self.memory().unsaved {
            Some((old, new)) if old.same_tokens(stored) => new.clone(),
            _ => stored.clone(),
        }
    }

    /// Tries once more to store what could not be stored.
    fn save_unsaved(&self, store: &mut dyn LockedStore) {
        let mut memory = self.memory();
        if let Some((old, new)) = &memory.unsaved
            && store.replace(old, new).is_ok()
        {
            memory.unsaved = None;
        }
    }

    /// Tokens of this service and client.
    fn belonging(&self, tokens: Option<TokenSet>) -> Result<TokenSet, Error> {
        let tokens = tokens.ok_or_else(Error::not_logged_in)?;
        let home = self.stored.home()?;
        let origin = tokens.origin.as_deref();
        if origin.is_some_and(|origin| origin != home.base_url.as_str()) {
            return Err(foreign());
        }
        self.client_of(&tokens)?;
        Ok(tokens)
    }

    /// The client that refreshes these tokens, for those of the code flow.
    fn client_of(&self, tokens: &TokenSet) -> Result<Option<OAuthClient>, Error> {
        match (&self.stored.client, &tokens.client_id) {
            (Some(client), Some(id)) if client.id != *id => Err(Error::sign_in(
                "the stored tokens were granted to another client id",
            )
            .with_remedy(
                "sign in with this client id, or keep its tokens in a store of their own",
            )),
            (Some(client), Some(_)) => Ok(Some(client.clone())),
            (None, Some(id)) => Ok(Some(OAuthClient {
                id: id.clone(),
                secret: None,
            })),
            // Of the flow for commands, whoever uses them.
            (_, None) => Ok(None),
        }
    }

    /// The tokens, if they are good enough and were not rejected.
    fn usable(
        &self,
        tokens: &TokenSet,
        good: fn(&Current, Now) -> bool,
    ) -> Result<Option<Current>, Error> {
        let now = self.stored.clock.now();
        if self
            .rejected
            .is_some_and(|rejected| rejected.access_token.is_same(&tokens.access_token))
        {
            return Ok(None);
        }
        // What is in use and has become stale does not become fresh by being read again.
        let known = self
            .stored
            .current()
            .filter(|current| current.tokens.access_token.is_same(&tokens.access_token));
        if let Some(known) = known {
            return Ok(good(&known, now).then(|| Current::clone(&known)));
        }
        let current = Current::new(tokens.clone(), false, now)?;
        Ok(good(&current, now).then_some(current))
    }

    /// The token in use, used on for a while.
    fn respite(&self) -> Option<Current> {
        let current = self.stored.current()?;
        let rejected = self
            .rejected
            .is_some_and(|rejected| rejected.access_token.is_same(&current.tokens.access_token));
        let now = self.stored.clock.now();
        (!rejected && current.is_alive(now)).then(|| current.with_respite(now))
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::from_millis(self.stored.clock.now().wall)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.stored
            .memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tokens of another service are not sent to this one.
pub(super) fn foreign() -> Error {
    Error::sign_in("the stored tokens belong to another service than the client talks to").with_remedy(
        "sign in at this base URL and keep the tokens in a store of their own, or name tokens for it \
         with KALLYAI_TOKEN_FILE or KALLYAI_ACCESS_TOKEN",
    )
}
