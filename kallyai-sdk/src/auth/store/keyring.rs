//! Tokens in the system's keyring.
