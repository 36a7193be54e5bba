//! Rows of the loopback listener: who may end a sign-in, and who may not.
