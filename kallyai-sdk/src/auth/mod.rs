//! Signing in, and staying signed in.
//!
//! # Which sign-in
//!
//! | the program | signs in with |
//! | --- | --- |
//! | a command on somebody's machine | [`CliLogin`]: a browser, and a socket on loopback that it comes back to |
//! | the same, with a client id of the vendor's | [`CliLogin::client_id`]: the code flow with PKCE; no token in an address |
//! | a web application | [`CodeFlow`]: the two halves in two requests |
//! | a server without a person | a token file that somebody has made elsewhere, or a token in `KALLYAI_ACCESS_TOKEN` |
//! | an app with Google's or Apple's sign-in | [`sign_in_with_google`], [`sign_in_with_apple`] |
//!
//! Each gives a [`TokenSet`], which a [`TokenStore`] keeps:
//!
//! ```no_run
//! use kallyai_sdk::Client;
//! use kallyai_sdk::auth::{CliLogin, FileStore, TokenStore};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let tokens = CliLogin::new().run().await?;
//! FileStore::default_file()?.save(&tokens)?;
//!
//! let kally = Client::from_env()?; // from now on, in every program of this user
//! # Ok(())
//! # }
//! ```
//!
//! # Staying signed in
//!
//! A client with [`Credentials`] from a store refreshes by itself, when a request needs it: a minute or two
//! before the access token expires (not all processes at the same moment), and once when the service has
//! rejected it.
//!
//! - **One refresh** for all tasks and all processes that share a store: a refresh token that is used twice
//!   can cost the whole sign-in. The store's lock is held from reading to writing, and the tokens are
//!   read again under it. Stores are proven writable before a refresh token is spent.
//! - **A refresh outlives** the task that asked for it, and the runtime: it runs on a thread of its own,
//!   and the end of the runtime waits up to 10 s for it. [`finish_refreshes`] does the same before
//!   [`std::process::exit`], [`finish_refreshes_on_ctrl_c`] where a signal ends the program.
//! - **Failures keep the tokens.** Server errors, rate limits and broken connections are tried three times
//!   (an answer that takes more than 30 s is not: the service may be at it still); meanwhile the old access
//!   token is used to its end. A rejected refresh token is an error with
//!   [`is_reauth_required`](crate::Error::is_reauth_required), and nothing is deleted.
//! - **A logout is local** ([`TokenStore::clear`]): the service publishes no revocation. One that happens
//!   during a refresh stays a logout. A client that is at work keeps its access token until it expires.
//!
//! # Where tokens are looked for
//!
//! What the program says comes first: [`access_token`](crate::ClientBuilder::access_token),
//! [`credentials`](crate::ClientBuilder::credentials), [`profile`](crate::ClientBuilder::profile).
//! [`Client::from_env`](crate::Client::from_env) then looks at `KALLYAI_ACCESS_TOKEN` (never stored, never
//! refreshed), `KALLYAI_TOKEN_FILE`, and the default file. It reads these, `KALLYAI_BASE_URL`,
//! `KALLYAI_CLIENT_ID` and `KALLYAI_CLIENT_SECRET`, and no other variable. Where there is no token the error
//! says so ([`is_not_logged_in`](crate::Error::is_not_logged_in)); the library never starts a sign-in by
//! itself.
//!
//! Tokens go to the base URL that they came from, and nowhere else. The file `~/.kallyai_token.json`, which
//! the vendor's own tools share, is for `https://api.kallyai.com` and the flow for commands only.

mod bearer;
mod cli_login;
mod code_flow;
mod credentials;
mod ctrl_c;
mod current;
#[cfg(fuzzing)]
pub(crate) mod fuzzing {
    //! See `crate::fuzzing`.
    pub use super::cli_login::fuzzing::SignIn;
    pub use super::store::fuzzing::{read, write};
}
mod in_flight;
mod provider;
mod refresh;
mod renewal;
mod store;
mod stored;
#[cfg(test)]
mod stored_tests;
mod token_set;

#[cfg(feature = "browser")]
#[cfg_attr(docsrs, doc(cfg(feature = "browser")))]
pub use cli_login::SystemBrowser;
pub use cli_login::{CliLogin, Opener, PendingLogin};
pub use code_flow::{Begun, CodeFlow, CodeFlowBuilder, CodeFlowSecret};
pub(crate) use credentials::Authorization;
pub use credentials::Credentials;
pub use ctrl_c::finish_refreshes_on_ctrl_c;
pub use in_flight::finish_refreshes;
pub use provider::{sign_in_with_apple, sign_in_with_google};
pub(crate) use refresh::OAuthClient;
#[cfg(feature = "keyring")]
#[cfg_attr(docsrs, doc(cfg(feature = "keyring")))]
pub use store::KeyringStore;
pub use store::{FileStore, LockedStore, MemoryStore, Replaced, StoreError, TokenStore};
pub use token_set::TokenSet;
