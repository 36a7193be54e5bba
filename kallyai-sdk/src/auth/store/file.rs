//! Tokens in a file.
