//! Signing in, and staying signed in.

mod cli_login;
mod code_flow;
mod store;
mod token_set;

#[cfg(feature = "browser")]
#[cfg_attr(docsrs, doc(cfg(feature = "browser")))]
pub use cli_login::SystemBrowser;
pub use cli_login::{CliLogin, Opener, PendingLogin};
pub use store::{LockedStore, MemoryStore, Replaced, StoreError, TokenStore};
pub use token_set::TokenSet;
