//! Rows of the refresh: one for all, outliving who asked, losing nothing.
