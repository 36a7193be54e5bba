//! Pages to read: nothing here is code of the library, and what is not marked otherwise compiles and runs.

#[cfg(feature = "tools")]
#[cfg_attr(docsrs, doc(cfg(feature = "tools")))]
#[doc = include_str!("agents.md")]
pub mod agents {}

#[doc = include_str!("compatibility.md")]
pub mod compatibility {}

#[doc = include_str!("migrating.md")]
pub mod migrating {}

#[doc = include_str!("money.md")]
pub mod money {}

#[doc = include_str!("observability.md")]
pub mod observability {}

#[doc = include_str!("scaling.md")]
pub mod scaling {}

#[doc = include_str!("signing_in.md")]
pub mod signing_in {}

#[doc = include_str!("testing.md")]
pub mod testing {}
