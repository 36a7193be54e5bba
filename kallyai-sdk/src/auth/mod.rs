//! Signing in, and staying signed in.

mod cli_login;
mod code_flow;
mod store;
mod token_set;

pub use store::{LockedStore, MemoryStore, Replaced, StoreError, TokenStore};
pub use token_set::TokenSet;
