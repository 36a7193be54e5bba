//! Signing in, and staying signed in.

mod cli_login;
mod code_flow;
mod store;
mod token_set;

#[cfg(feature = "keyring")]
pub use store::KeyringStore;
pub use store::{FileStore, LockedStore, MemoryStore, Replaced, StoreError, TokenStore};
pub use token_set::TokenSet;
