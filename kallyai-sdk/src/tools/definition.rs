//! What a model is told of a tool.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::index::{Dials, OPERATIONS, Operation, Spend};

/// Every operation as a tool, as the build has written it.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/tools.json"));

/// A tool: an operation of the API, or one of a program's own.
#[derive(Clone)]
pub struct Tool {
    name: String,
    title: String,
    pub(super) description: String,
    domain: String,
    input: Value,
    output: Value,
    pub(super) hints: Hints,
    pub(super) plan: Plan,
    /// Of the input, made when it is needed first.
    validator: OnceLock<Option<Arc<Validator>>>,
}

/// What a tool does to the world, for whoever decides whether to call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// They are hints that are given side by side, as the Model Context Protocol names them.
#[allow(clippy::struct_excessive_bools)]
#[non_exhaustive]
pub struct Hints {
    /// It changes nothing.
    pub read_only: bool,
    /// It dials, spends, sends, or cannot be taken back.
    pub destructive: bool,
    /// The same again changes nothing more.
    pub idempotent: bool,
    /// It reaches people and things outside the account.
    pub open_world: bool,
    /// It costs credits, or may.
    pub costs_credits: bool,
    /// Its answer holds what strangers have written or said.
    pub untrusted: bool,
    /// It is among those that an agent has without asking for more.
    pub by_default: bool,
}

/// How arguments become a request.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) operation: &'static Operation,
    /// The arguments that are not of the body.
    pub(super) beside: Vec<String>,
    /// The places in the body that are JSON in a text.
    pub(super) json: Vec<String>,
    /// The entry of the price list.
    pub(super) price: Option<String>,
}

/// Descriptions hold no secrets, and schemas are long.
impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool")
            .field("name", &self.name)
            .field("hints", &self.hints)
            .finish_non_exhaustive()
    }
}

impl Tool {
    /// The name: of an operation its id, `calls_create`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A few words.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it does, what it costs, and what to mind.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The domain that it belongs to: `calls`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The schema of the arguments: an object without references, combinations and open objects.
    pub fn input_schema(&self) -> &Value {
        &self.input
    }

    /// The schema of the answer: objects and lists have their form, and everything else is open, because the
    /// service's answers are.
    pub fn output_schema(&self) -> &Value {
        &self.output
    }

    /// What it does to the world.
    pub fn hints(&self) -> Hints {
        self.hints
    }

    /// What arguments are checked with; none where the schema is no schema.
    pub(super) fn validator(&self) -> Option<&Validator> {
        let compile = || {
            let validator = jsonschema::draft202012::new(&self.input);
            validator.ok().map(Arc::new)
        };
        self.validator.get_or_init(compile).as_deref()
    }

    /// Another tool of the same operation.
    pub(super) fn named(&self, name: &str, title: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            ..self.clone()
        }
    }

    /// Another input; what was made for the one before is forgotten.
    pub(super) fn set_input(&mut self, input: Value) {
        self.input = input;
        self.validator = OnceLock::new();
    }

    pub(super) fn set_output(&mut self, output: Value) {
        self.output = output;
    }

    /// The operation behind it.
    pub fn operation(&self) -> &'static Operation {
        self.plan.operation
    }
}

/// A row of the embedded table.
#[derive(Deserialize)]
struct Row {
    id: String,
    title: String,
    description: String,
    input: Value,
    output: Value,
    path: Vec<String>,
    query: Vec<String>,
    json: Vec<String>,
    price: Option<String>,
    by_default: bool,
    untrusted: bool,
    changes: bool,
}

/// Every operation as a tool, in the order of the index.
pub(super) fn all() -> &'static [Tool] {
    static ALL: OnceLock<Vec<Tool>> = OnceLock::new();
    ALL.get_or_init(|| {
        // The build has written it, and a test reads it.
        let rows: Vec<Row> = serde_json::from_str(EMBEDDED).unwrap_or_default();
        rows.into_iter().filter_map(tool).collect()
    })
}

fn tool(row: Row) -> Option<Tool> {
    let operation = OPERATIONS.iter().find(|operation| operation.id == row.id)?;
    let hints = hints(operation, &row);
    let mut beside = row.path;
    beside.extend(row.query);
    let mut tool = Tool {
        hints,
        domain: operation.domain.to_owned(),
        name: row.id,
        title: row.title,
        description: row.description,
        input: row.input,
        output: row.output,
        plan: Plan {
            operation,
            beside,
            json: row.json,
            price: row.price,
        },
        validator: OnceLock::new(),
    };
    if tool.name == super::calling::CALLS_CREATE {
        super::calling::adapt(&mut tool);
    }
    Some(tool)
}

fn hints(operation: &Operation, row: &Row) -> Hints {
    let effects = &operation.effects;
    let untrusted = row.untrusted;
    // A link that verifies is a GET too.
    let read_only = operation.method == http::Method::GET && !row.changes;
    let costs_credits = effects.spend != Spend::None;
    let dials = effects.dials != Dials::None;
    Hints {
        read_only,
        destructive: !read_only && (dials || costs_credits || effects.irreversible),
        idempotent: read_only || operation.method == http::Method::PUT,
        open_world: dials || costs_credits || untrusted,
        costs_credits,
        untrusted,
        by_default: row.by_default,
    }
}

/// An object with these properties and no others.
pub(super) fn object(properties: &Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
