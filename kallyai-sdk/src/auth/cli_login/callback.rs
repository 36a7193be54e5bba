//! What a callback says, and whether it may end a sign-in.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::Utc;
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use url::form_urlencoded;

use crate::auth::TokenSet;
use crate::auth::bearer::check_token;
use crate::auth::token_set::lifetime;
use crate::types::SecretText;

/// The longest error code that is kept, in bytes.
const LONGEST_CODE: usize = 64;

/// What the query of a callback has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// `access_token` and what belongs to it: the flow for commands.
    Tokens,
    /// `code`: the code flow.
    Code,
}

/// What the service has granted.
#[derive(Debug, Clone)]
pub(crate) enum Grant {
    /// Without their origin.
    Tokens(TokenSet),
    Code(SecretText),
}

/// How a sign-in ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Granted(Grant),
    /// With the service's code for it, without control characters.
    Refused(String),
    TimedOut,
}

/// Why a callback changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ignored {
    /// A parameter came twice.
    Repeated,
    /// The state is missing, or that of another sign-in.
    State,
    /// Neither what is wanted nor an error, or nothing that could be a token.
    Unusable,
    /// The sign-in is over.
    Over,
}

/// What has ended a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A request of a browser, which waits for a page.
    Browser,
    /// A pasted address.
    Paste,
    Clock,
}

/// Decides which callback ends the sign-in, and holds how it ended: once.
pub(crate) struct Gate {
    state: SecretText,
    wanted: Wanted,
    unproven_refusal: AtomicBool,
    settled: watch::Sender<Option<(Outcome, By)>>,
}

impl Gate {
    pub(crate) fn new(state: SecretText, wanted: Wanted) -> Self {
        Self {
            state,
            wanted,
            unproven_refusal: AtomicBool::new(false),
            settled: watch::Sender::new(None),
        }
    }

    /// Takes the query of a callback. Only one that proves the state, and says something, ends the
    /// sign-in.
    pub(crate) fn take(&self, query: &str, by: By) -> Result<Outcome, Ignored> {
        let outcome = self.read(query)?;
        if self.settle(&outcome, by) {
            Ok(outcome)
        } else {
            Err(Ignored::Over)
        }
    }

    /// Ends the sign-in, unless it has ended.
    pub(crate) fn settle(&self, outcome: &Outcome, by: By) -> bool {
        self.settled.send_if_modified(|settled| {
            let first = settled.is_none();
            if first {
                *settled = Some((outcome.clone(), by));
            }
            first
        })
    }

    pub(crate) fn outcome(&self) -> Option<(Outcome, By)> {
        self.settled.borrow().clone()
    }

    /// Returns when the sign-in has ended.
    pub(crate) async fn settled(&self) {
        // The sender is this gate's own, so it is there as long as this waits.
        let _ = self.settled.subscribe().wait_for(Option::is_some).await;
    }

    /// Whether somebody without the state has said that the sign-in was refused.
    pub(crate) fn unproven_refusal(&self) -> bool {
        self.unproven_refusal.load(Ordering::Relaxed)
    }

    fn read(&self, query: &str) -> Result<Outcome, Ignored> {
        let parameters = Parameters::parse(query)?;
        let error = parameters.get("error");
        let state = parameters.get("state").unwrap_or_default();
        let proven: bool = state
            .as_bytes()
            .ct_eq(self.state.expose().as_bytes())
            .into();
        if !proven {
            if error.is_some() {
                self.unproven_refusal.store(true, Ordering::Relaxed);
            }
            return Err(Ignored::State);
        }
        if let Some(code) = error {
            let code = code.chars().filter(char::is_ascii_graphic);
            return Ok(Outcome::Refused(code.take(LONGEST_CODE).collect()));
        }
        let grant = match self.wanted {
            Wanted::Code => Grant::Code(parameters.token("code")?.ok_or(Ignored::Unusable)?),
            Wanted::Tokens => {
                let token = parameters.token("access_token")?;
                let mut tokens = TokenSet::new(token.ok_or(Ignored::Unusable)?);
                tokens.refresh_token = parameters.token("refresh_token")?;
                tokens.expires_at = parameters
                    .get("expires_in")
                    .and_then(|seconds| seconds.trim().parse().ok())
                    .and_then(|seconds| lifetime(seconds, Utc::now()));
                Grant::Tokens(tokens)
            }
        };
        Ok(Outcome::Granted(grant))
    }
}

/// The parameters of a query, each there once.
struct Parameters(Vec<(String, SecretText)>);

impl Parameters {
    fn parse(query: &str) -> Result<Self, Ignored> {
        let mut parameters: Vec<(String, SecretText)> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            // RFC 6749, section 3.1. Where it happens, somebody else had a hand in it.
            if parameters.iter().any(|(other, _)| *other == name) {
                return Err(Ignored::Repeated);
            }
            // More than anybody sends, and the search above takes longer with each.
            if parameters.len() == 64 {
                return Err(Ignored::Unusable);
            }
            parameters.push((name.into_owned(), value.into_owned().into()));
        }
        Ok(Self(parameters))
    }

    /// A parameter that is not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.expose())
            .filter(|value| !value.is_empty())
    }

    /// A parameter that can stand in a header; none if it is empty.
    fn token(&self, name: &str) -> Result<Option<SecretText>, Ignored> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        check_token(value).map_err(|_| Ignored::Unusable)?;
        Ok(Some(value.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::bearer::MAX_TOKEN;

    fn gate(wanted: Wanted) -> Gate {
        Gate::new("right".into(), wanted)
    }

    fn tokens(query: &str) -> (String, Option<String>, Option<i64>) {
        match gate(Wanted::Tokens).take(query, By::Browser) {
            Ok(Outcome::Granted(Grant::Tokens(tokens))) => (
                tokens.access_token.expose().to_owned(),
                tokens.refresh_token.map(|token| token.expose().to_owned()),
                tokens
                    .expires_at
                    .map(|time| (time - Utc::now()).num_seconds()),
            ),
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn tokens_as_they_come() {
        assert_eq!(
            tokens("access_token=a%2Bb&state=right"),
            ("a+b".to_owned(), None, None)
        );
        // Empty is missing, also for an error that some template always writes.
        let (_, refresh, seconds) =
            tokens("access_token=a&refresh_token=&expires_in=3599.9&state=right&error=");
        assert_eq!(refresh, None);
        assert!(matches!(seconds, Some(3597..=3599)), "{seconds:?}");
        let (_, refresh, seconds) =
            tokens("access_token=a&refresh_token=r&expires_in=soon&state=right&more=x");
        assert_eq!((refresh.as_deref(), seconds), (Some("r"), None));
        let longest = "t".repeat(MAX_TOKEN);
        assert_eq!(
            tokens(&format!("access_token={longest}&state=right")).0,
            longest
        );
    }

    #[test]
    fn what_ends_nothing() {
        let long = format!("access_token={}&state=right", "t".repeat(MAX_TOKEN + 1));
        let many: Vec<_> = (0..70).map(|n| format!("p{n}=1")).collect();
        let many = many.join("&");
        for (query, why) in [
            ("", Ignored::State),
            ("access_token=a", Ignored::State),
            ("access_token=a&state=", Ignored::State),
            ("access_token=a&state=Right", Ignored::State),
            ("access_token=a&state=rightt", Ignored::State),
            ("access_token=a&state=righ", Ignored::State),
            ("error=access_denied", Ignored::State),
            ("access_token=a&state=right&state=right", Ignored::Repeated),
            (
                "access_token=a&access_token=b&state=right",
                Ignored::Repeated,
            ),
            ("access_token=a&x=1&state=right&x=1", Ignored::Repeated),
            ("state=right", Ignored::Unusable),
            ("state=right&access_token=", Ignored::Unusable),
            ("state=right&code=c", Ignored::Unusable),
            ("state=right&access_token=a%20b", Ignored::Unusable),
            ("state=right&access_token=a%0Ab", Ignored::Unusable),
            ("state=right&access_token=%C3%A4", Ignored::Unusable),
            ("state=right&access_token=%FF", Ignored::Unusable),
            (
                "state=right&access_token=a&refresh_token=%00",
                Ignored::Unusable,
            ),
            (long.as_str(), Ignored::Unusable),
            (many.as_str(), Ignored::Unusable),
        ] {
            let gate = gate(Wanted::Tokens);
            assert_eq!(gate.take(query, By::Browser).err(), Some(why), "{query}");
            assert!(gate.outcome().is_none());
        }
    }

    #[test]
    fn a_code_where_a_code_is_wanted() {
        let gate = gate(Wanted::Code);
        assert_eq!(
            gate.take("access_token=a&state=right", By::Browser).err(),
            Some(Ignored::Unusable)
        );
        assert!(matches!(
            gate.take("code=c&state=right", By::Browser),
            Ok(Outcome::Granted(Grant::Code(code))) if code.expose() == "c"
        ));
    }

    #[test]
    fn a_refusal_is_proven_and_tame() {
        let gate = gate(Wanted::Tokens);
        assert!(
            gate.take("error=access_denied&state=wrong", By::Browser)
                .is_err()
        );
        assert!(gate.unproven_refusal());
        let noisy = format!("error=%1B[31m{}%0A&state=right", "x".repeat(100));
        let Ok(Outcome::Refused(code)) = gate.take(&noisy, By::Browser) else {
            panic!()
        };
        assert_eq!(code.len(), LONGEST_CODE);
        assert!(code.starts_with("[31mxx"), "{code}");
    }

    #[test]
    fn one_outcome() {
        let gate = gate(Wanted::Tokens);
        assert!(gate.take("access_token=a&state=right", By::Browser).is_ok());
        assert_eq!(
            gate.take("access_token=b&state=right", By::Browser).err(),
            Some(Ignored::Over)
        );
        assert!(!gate.settle(&Outcome::TimedOut, By::Clock));
        assert!(matches!(
            gate.outcome(),
            Some((Outcome::Granted(Grant::Tokens(tokens)), By::Browser)) if tokens.access_token.expose() == "a"
        ));
    }
}
