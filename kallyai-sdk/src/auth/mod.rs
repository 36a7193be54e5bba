//! Signing in, and staying signed in.

mod bearer;
mod cli_login;
mod code_flow;
mod credentials;
mod current;
mod in_flight;
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
pub use credentials::Credentials;
pub use in_flight::{finish_refreshes, finish_refreshes_on_ctrl_c};
pub(crate) use refresh::OAuthClient;
#[cfg(feature = "keyring")]
#[cfg_attr(docsrs, doc(cfg(feature = "keyring")))]
pub use store::KeyringStore;
pub use store::{FileStore, LockedStore, MemoryStore, Replaced, StoreError, TokenStore};
pub use token_set::TokenSet;
