//! Rows of the environment: which tokens are used where.
