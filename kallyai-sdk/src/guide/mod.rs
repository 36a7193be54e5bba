//! Pages to read: nothing here is code of the library, and all that is shown compiles and runs.

#[doc = include_str!("testing.md")]
pub mod testing {}
