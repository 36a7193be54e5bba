#![doc = include_str!("../README.md")]

mod agent;
mod index;
mod lint;
mod loosen;
mod reach;
mod source;
mod spec;
mod yaml;

pub use agent::{BODY, Tool};
pub use index::{Answer, Dials, Effects, ErrorCode, Operation, Pages, Provenance, Spend};
pub use loosen::{DecodingCopy, SCALARS};
pub use source::{Position, Problem};
pub use spec::Spec;
pub use yaml::to_yaml;
