//! Tokens in no output, whatever goes wrong.
