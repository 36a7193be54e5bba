//! Rows of the code flow: PKCE, two halves in two requests, the exchange.
