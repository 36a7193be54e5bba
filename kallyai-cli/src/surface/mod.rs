//! From the command line to what is wanted.
//!
//! `commands.yaml` and the API's document make [`table`]; the commands that are ours are in [`own`]. [`expanding`]
//! reads the words and completes shortened flags, [`grammar`] builds what clap needs for the command that was asked
//! for, and [`reading`] takes the values.

mod expanding;
mod first_generation;
mod grammar;
mod invocation;
mod machine;
mod options;
pub(crate) mod own;
mod reading;
mod refusal;
mod scripts;
mod table;
mod values;

#[cfg(test)]
mod tests;

pub(crate) use invocation::{Asked, Invocation, Wanted};
pub(crate) use machine::Machine;
pub(crate) use options::Options;
pub(crate) use reading::parse;
pub(crate) use refusal::Refusal;
pub(crate) use scripts::{completions, manual, manual_pages};
