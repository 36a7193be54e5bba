//! The spec as the sandbox knows it: the document and its operations, parsed once per process and
//! shared by all worlds, and the way from a path to an operation.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use axum::http::Method;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use crate::check::Checks;
use crate::schema;

static CATALOGUE: LazyLock<Result<Catalogue, String>> = LazyLock::new(|| {
    Catalogue::parse(
        include_str!(concat!(env!("OUT_DIR"), "/document.json")),
        include_str!(concat!(env!("OUT_DIR"), "/operations.json")),
    )
});

/// The embedded spec.
///
/// # Errors
///
/// What is wrong with it; only a broken build has anything to say here.
pub(crate) fn catalogue() -> Result<&'static Catalogue, String> {
    CATALOGUE.as_ref().map_err(Clone::clone)
}

pub(crate) struct Catalogue {
    /// Without the paths, which stand with their operations.
    document: Value,
    operations: Vec<Operation>,
    by_id: HashMap<String, usize>,
    paths: matchit::Router<Vec<(Method, usize)>>,
}

/// One operation: its entry in the index and its part of the document.
pub(crate) struct Operation {
    pub(crate) index: usize,
    pub(crate) entry: Entry,
    pub(crate) definition: Value,
    pub(crate) parameters: Vec<Parameter>,
    checks: OnceLock<Result<Checks, String>>,
}

/// What the index says of an operation.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) public: bool,
    pub(crate) scopes: Vec<String>,
    pub(crate) bare_list: Option<String>,
    pub(crate) answer: AnswerKind,
    pub(crate) success_status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerKind {
    Json(String),
    Text(String),
    Empty,
    Redirect,
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
    Nowhere,
}

impl Catalogue {
    fn parse(document: &str, operations: &str) -> Result<Self, String> {
        let mut document: Value =
            serde_json::from_str(document).map_err(|error| error.to_string())?;
        schema::admit_assumed(&mut document);
        let entries: Vec<Entry> =
            serde_json::from_str(operations).map_err(|error| error.to_string())?;
        let mut items = document
            .get_mut("paths")
            .map(Value::take)
            .unwrap_or_default();
        let mut operations = Vec::with_capacity(entries.len());
        let mut by_path: HashMap<String, Vec<(Method, usize)>> = HashMap::new();
        let mut by_id = HashMap::new();
        for (index, entry) in entries.into_iter().enumerate() {
            let method = entry
                .method
                .parse()
                .map_err(|_| format!("{}: no such method", entry.id))?;
            by_path
                .entry(entry.path.clone())
                .or_default()
                .push((method, index));
            by_id.insert(entry.id.clone(), index);
            operations.push(Operation::new(index, entry, &mut items, &document)?);
        }
        let mut paths = matchit::Router::new();
        for (path, methods) in by_path {
            paths
                .insert(path, methods)
                .map_err(|error| error.to_string())?;
        }
        Ok(Self {
            document,
            operations,
            by_id,
            paths,
        })
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.get(*self.by_id.get(id)?)
    }

    /// The meaning and HTTP status of a published error code.
    pub(crate) fn error_code(&self, code: &str) -> Option<(u16, &str)> {
        let entry = self.document.get("x-error-codes")?.get(code)?;
        let status = u16::try_from(entry.get("status")?.as_u64()?).ok()?;
        Some((status, entry.get("meaning")?.as_str()?))
    }

    /// The named schema of the document, as it is written there.
    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        self.document.get("components")?.get("schemas")?.get(name)
    }

    /// Every scope that the document names.
    pub(crate) fn scopes(&self) -> Vec<String> {
        self.document
            .pointer("/components/securitySchemes/oauth/flows/authorizationCode/scopes")
            .and_then(Value::as_object)
            .map(|scopes| scopes.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Follows references until something else stands there.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        resolve(&self.document, value)
    }
}

impl Catalogue {
    /// Finds the operation of a raw, still encoded path.
    pub(crate) fn route(&'static self, method: &Method, path: &str) -> Route {
        let Ok(found) = self.paths.at(path) else {
            return Route::Nowhere;
        };
        let mut parameters = Vec::new();
        for (name, raw) in found.params.iter() {
            match decode(raw) {
                Some(value) => parameters.push((name.to_owned(), value)),
                None => return Route::Nowhere,
            }
        }
        let index = found
            .value
            .iter()
            .find_map(|(allowed, index)| (allowed == method).then_some(*index));
        match index.and_then(|index| self.operations.get(index)) {
            Some(operation) => Route::Operation {
                operation,
                path: parameters,
            },
            None => Route::WrongMethod(
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
    /// Takes the operation out of the path items: what is taken need not be copied.
    fn new(
        index: usize,
        entry: Entry,
        items: &mut Value,
        document: &Value,
    ) -> Result<Self, String> {
        let item = items
            .get_mut(&entry.path)
            .ok_or_else(|| format!("{}: its path is not in the document", entry.id))?;
        let definition = item
            .get_mut(entry.method.to_lowercase())
            .map(Value::take)
            .ok_or_else(|| format!("{}: not in the document", entry.id))?;
        let parameters = [item.get("parameters"), definition.get("parameters")]
            .into_iter()
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
            .map(|parameter| Parameter::new(resolve(document, parameter)))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| format!("{}: a parameter is not understood", entry.id))?;
        Ok(Self {
            index,
            entry,
            definition,
            parameters,
            checks: OnceLock::new(),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.entry.id
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

fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    while let Some(target) = value
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| reference.strip_prefix('#'))
        .and_then(|pointer| document.pointer(pointer))
    {
        value = target;
    }
    value
}

/// A path segment as text. What another server might read as a way to somewhere else leads nowhere.
fn decode(raw: &str) -> Option<String> {
    let text = percent_decode_str(raw).decode_utf8().ok()?;
    let strange = text.is_empty()
        || text == "."
        || text == ".."
        || text
            .chars()
            .any(|c| matches!(c, '/' | '\\') || c.is_control());
    (!strange).then(|| text.into_owned())
}
