//! The spec as the sandbox knows it: its operations and what they refer to, shared by all worlds of a
//! process, and the way from a path to an operation.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use axum::http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::check::Checks;
use crate::embedded::{COMPONENTS, ENTRIES, ERROR_CODES, Entry, Part, SCOPES};

pub(crate) use crate::embedded::AnswerKind;

static CATALOGUE: LazyLock<Result<Catalogue, String>> = LazyLock::new(Catalogue::new);

/// What a reference to a schema begins with.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";

/// The embedded spec.
///
/// # Errors
///
/// What is wrong with it; only a broken build has anything to say here.
pub(crate) fn catalogue() -> Result<&'static Catalogue, String> {
    CATALOGUE.as_ref().map_err(Clone::clone)
}

pub(crate) struct Catalogue {
    operations: Vec<Operation>,
    by_id: HashMap<&'static str, usize>,
    /// By reference: `#/components/schemas/Call`.
    components: HashMap<&'static str, Part>,
    /// Status and meaning.
    error_codes: HashMap<&'static str, (u16, &'static str)>,
    scopes: &'static [&'static str],
    paths: matchit::Router<Vec<(Method, usize)>>,
}

/// One operation: its entry in the index and its part of the document.
pub(crate) struct Operation {
    pub(crate) index: usize,
    pub(crate) entry: &'static Entry,
    pub(crate) definition: Part,
    parameters: OnceLock<Vec<Parameter>>,
    checks: OnceLock<Result<Checks, String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

/// Where a request leads.
pub(crate) enum Route {
    Operation {
        operation: &'static Operation,
        path: Vec<(String, String)>,
    },
    /// The path exists, the method does not: what is allowed.
    WrongMethod(String),
    /// A part of the path is nothing that can be looked up.
    Strange(&'static Operation),
    Nowhere,
}

impl Catalogue {
    fn new() -> Result<Self, String> {
        let mut by_path: HashMap<&str, Vec<(Method, usize)>> = HashMap::new();
        for (index, entry) in ENTRIES.iter().enumerate() {
            let method = entry
                .method
                .parse()
                .map_err(|_| format!("{}: no such method", entry.id))?;
            by_path.entry(entry.path).or_default().push((method, index));
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths
                .insert(path, methods)
                .map_err(|error| error.to_string())?;
        }
        let entries = ENTRIES.iter().enumerate();
        Ok(Self {
            operations: entries
                .clone()
                .map(|(index, entry)| Operation::new(index, entry))
                .collect(),
            by_id: entries.map(|(index, entry)| (entry.id, index)).collect(),
            components: COMPONENTS
                .iter()
                .map(|(reference, text)| (*reference, Part::new(text)))
                .collect(),
            error_codes: ERROR_CODES
                .iter()
                .map(|(code, status, meaning)| (*code, (*status, *meaning)))
                .collect(),
            scopes: SCOPES,
            paths,
        })
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.get(*self.by_id.get(id)?)
    }

    /// The meaning and HTTP status of a published error code.
    pub(crate) fn error_code(&self, code: &str) -> Option<(u16, &str)> {
        self.error_codes.get(code).copied()
    }

    /// The named schema of the document, as it is written there.
    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        self.component(&format!("{SCHEMAS}{name}"))
    }

    /// Every scope that the document names.
    pub(crate) fn scopes(&self) -> Vec<String> {
        self.scopes
            .iter()
            .map(|scope| (*scope).to_owned())
            .collect()
    }

    fn component(&self, reference: &str) -> Option<&Value> {
        self.components.get(reference).map(|part| &**part)
    }

    /// Follows references until something else stands there.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let mut value = value;
        while let Some(target) = value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.component(reference))
        {
            value = target;
        }
        value
    }
}

impl Catalogue {
    /// Finds the operation of a raw, still encoded path.
    pub(crate) fn route(&'static self, method: &Method, path: &str) -> Route {
        let Ok(found) = self.paths.at(path) else {
            return Route::Nowhere;
        };
        let parameters: Option<Vec<_>> = found
            .params
            .iter()
            .map(|(name, raw)| Some((name.to_owned(), decode(raw)?)))
            .collect();
        let index = found
            .value
            .iter()
            .find_map(|(allowed, index)| (allowed == method).then_some(*index));
        match (
            index.and_then(|index| self.operations.get(index)),
            parameters,
        ) {
            (Some(operation), Some(path)) => Route::Operation { operation, path },
            (Some(operation), None) => Route::Strange(operation),
            (None, None) => Route::Nowhere,
            (None, Some(_)) => Route::WrongMethod(
                found
                    .value
                    .iter()
                    .map(|(method, _)| method.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        }
    }
}

impl Operation {
    fn new(index: usize, entry: &'static Entry) -> Self {
        Self {
            index,
            entry,
            definition: Part::new(entry.definition),
            parameters: OnceLock::new(),
            checks: OnceLock::new(),
        }
    }

    /// Its parameters and those of its path.
    pub(crate) fn parameters(&self) -> &[Parameter] {
        self.parameters.get_or_init(|| {
            let parameters = self.definition.get("parameters").and_then(Value::as_array);
            let parameters = parameters.into_iter().flatten();
            // `build.rs` has seen that all of them are understood.
            parameters.filter_map(Parameter::new).collect()
        })
    }

    pub(crate) fn id(&self) -> &'static str {
        self.entry.id
    }

    /// Whether a published code is one of its errors. What keeps a client out, and too many requests, are
    /// errors of every operation that asks for a token, and of every operation.
    pub(crate) fn documents(&self, code: &str) -> bool {
        let own = self.definition.get("x-errors").and_then(Value::as_array);
        own.into_iter().flatten().any(|known| known == code)
            || code == "rate_limited"
            || (!self.entry.public
                && ["missing_token", "token_expired", "forbidden"].contains(&code))
    }

    /// Whether the spec has an answer with this status.
    pub(crate) fn has_status(&self, status: &str) -> bool {
        self.definition
            .get("responses")
            .is_some_and(|responses| responses.get(status).is_some())
    }

    /// The validators, compiled when they are needed first.
    pub(crate) fn checks(&self, catalogue: &Catalogue) -> Result<&Checks, String> {
        self.checks
            .get_or_init(|| Checks::compile(self, catalogue))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl Parameter {
    fn new(value: &Value) -> Option<Self> {
        Some(Self {
            name: value.get("name")?.as_str()?.to_owned(),
            place: match value.get("in")?.as_str()? {
                "path" => Place::Path,
                "query" => Place::Query,
                "header" => Place::Header,
                _ => return None,
            },
            required: value.get("required").and_then(Value::as_bool) == Some(true),
            schema: value.get("schema")?.clone(),
        })
    }
}

/// A path segment as text. What another server might read as a way to somewhere else leads nowhere.
fn decode(raw: &str) -> Option<String> {
    let text = percent_decode_str(raw).decode_utf8().ok()?;
    let strange =
        text.is_empty() || text == "." || text == ".." || text.contains(['/', '\\', '\0']);
    (!strange).then(|| text.into_owned())
}
