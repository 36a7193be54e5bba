//! Rows of the token file: its form, its mode, its lock.
