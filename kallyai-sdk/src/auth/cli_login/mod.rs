//! Signing in from a command: a browser, a loopback listener, a pasted address.
