//! The authorization code flow with PKCE.
