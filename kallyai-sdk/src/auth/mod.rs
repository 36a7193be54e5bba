//! Signing in, and staying signed in.

mod cli_login;
mod code_flow;
mod provider;
mod store;
mod token_set;

pub use code_flow::{Begun, CodeFlow, CodeFlowBuilder, CodeFlowSecret};
pub use provider::{sign_in_with_apple, sign_in_with_google};
pub use store::{LockedStore, MemoryStore, Replaced, StoreError, TokenStore};
pub use token_set::TokenSet;
