//! Operations as tools of an agent.
//!
//! A model that can call tools can ring strangers and spend money, and what it wants may have been put into
//! its head by the transcript of a call. So nothing here relies on what a model was told: every call of a tool
//! goes through one door, which checks the arguments, asks the [`Policy`], and only then sends.
//!
//! ```
//! use kallyai_sandbox::Sandbox;
//! use kallyai_sdk::{Client, tools::{Context, Policy, Toolbox, Tools}};
//! use serde_json::json;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::builder().call_seconds(0.0).start().await?;
//! let kally = Client::builder().base_url(sandbox.base_url()).access_token(sandbox.access_token()).build()?;
//!
//! let policy = Policy::new().calls_per_hour(2).credits("10".parse()?).without_confirmation();
//! let tools = Tools::builder(kally).policy(policy).build()?;
//! // What the model is told, in the dialect of whoever runs it.
//! let _definitions = kallyai_sdk::tools::openai(tools.definitions());
//!
//! // What it asks for.
//! let arguments = json!({
//!     "submission": {
//!         "task_category": "restaurant",
//!         "task_description": "Reserve a table for 4 at 8 pm",
//!         "respondent_phone": "+12025550199",
//!     },
//!     "timezone": "America/New_York",
//! });
//! let answer = tools.call("calls_create", arguments.clone(), &Context::new()).await?;
//! assert_eq!(answer.value()["status"], "success");
//!
//! // A loop that asks again rings nobody again.
//! tools.call("calls_create", arguments, &Context::new()).await?;
//! sandbox.assert_dialled_once("+12025550199");
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! - The schemas are in the part of JSON Schema that the common runtimes all take; [`openai`], [`anthropic`],
//!   [`gemini`] and [`plain`] write them down as each wants them.
//! - Arguments are checked against the schema and then as every request is, whatever the model promised.
//! - A call is placed by [`place`](crate::place) under a key that belongs to number, task and `attempt`: what a
//!   loop, a retry or a round of confirmation asks for again is the same call, and is not dialled again.
//! - A [`Policy`] bounds credits, calls, numbers, countries and tools. What it cannot bound it refuses while
//!   there is a bound.
//! - Answers are cut to what a model can read, and say where they hold what strangers have said.
//!
//! A refusal is an answer to the model: a [`ToolError`] says what happened and what it may do instead.

mod answer;
mod arguments;
mod calling;
mod custom;
mod definition;
mod dialect;
mod error;
mod kit;
mod policy;
mod price;

pub use answer::ToolAnswer;
pub use definition::{Hints, Tool};
pub use dialect::{anthropic, gemini, openai, plain};
pub use error::{ToolError, ToolErrorKind};
pub use kit::{Context, Toolbox, Tools, ToolsBuilder};
pub use policy::{Confirm, Confirmation, Policy, SessionFile};
