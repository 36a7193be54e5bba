//! Arguments of an operation, by name.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::prepared::Row;
use crate::error::{Error, Problem};
use crate::raw::numbers;

/// The argument that is a header, where an operation has it.
pub(super) const KEY: &str = "idempotency_key";

/// What an operation is asked with.
#[derive(Clone)]
pub(crate) struct Arguments {
    /// Those of the path and the query.
    pub(crate) beside: Map<String, Value>,
    /// The fields of the body.
    pub(crate) body: Value,
}

impl Arguments {
    /// Takes them apart, and the key out of them.
    pub(super) fn of(
        row: &Row,
        mut arguments: Map<String, Value>,
    ) -> Result<(Self, Option<String>), Error> {
        let key = match arguments.remove(KEY).filter(|_| row.keyed) {
            Some(Value::String(key)) => Some(key),
            Some(_) => return Err(not_asked_for(KEY)),
            None => None,
        };
        let (beside, body): (Map<_, _>, Map<_, _>) = arguments
            .into_iter()
            .partition(|(name, _)| row.beside.contains(&name.as_str()));
        if !row.body && !body.is_empty() {
            // A name could be personal: only what the operation has is said.
            let why = match row.beside {
                [] => "there is one that the operation does not have: it has none".to_owned(),
                known => format!(
                    "there is one that the operation does not have: it has {}",
                    known.join(", ")
                ),
            };
            return Err(Error::invalid_input("arguments", why));
        }
        let body = Value::Object(body);
        Ok((Self { beside, body }, key))
    }

    /// The body as the type that is sent.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_path_to_error::deserialize(&self.body).map_err(|error| {
            // What is wrong with a number is said better by the number's own rules.
            if let Err(error) = numbers::check_body(&self.body) {
                return error;
            }
            // Without serde's words, which may repeat a value; what is missing is a name of the document.
            let words = error.inner().to_string();
            let missing = words
                .strip_prefix("missing field `")
                .and_then(|rest| Some(rest.split_once('`')?.0));
            let path = error.path().to_string();
            match missing {
                Some(name) if path == "." => problem(name.to_owned(), "it is missing"),
                Some(name) => problem(format!("{path}.{name}"), "it is missing"),
                None => problem(path, "it is not what is asked for"),
            }
        })
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.beside.get(name)?.as_str().map(str::to_owned)
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.beside.get(name)?.as_bool()
    }

    pub(crate) fn number<T: TryFrom<u64>>(&self, name: &str) -> Option<T> {
        T::try_from(self.beside.get(name)?.as_u64()?).ok()
    }

    /// One that may be left out.
    pub(super) fn given<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Self, &str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.beside.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => read(self, name)
                .map(Some)
                .ok_or_else(|| not_asked_for(name)),
        }
    }

    /// One that must be there.
    pub(super) fn needed<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Self, &str) -> Option<T>,
    ) -> Result<T, Error> {
        self.given(name, read)?
            .ok_or_else(|| Error::invalid_input(name, "it is missing"))
    }
}

fn not_asked_for(name: &'static str) -> Error {
    Error::invalid_input(name, "it is not what is asked for")
}

fn problem(field: String, why: &'static str) -> Error {
    Error::invalid_request(vec![Problem::new(field, why, None)])
}
