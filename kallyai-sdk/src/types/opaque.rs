//! JSON that the spec does not describe.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON value that the spec does not describe. `Debug` does not show it: it can hold anything.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Opaque(Value);

impl Opaque {
    /// The value.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The value, taken out.
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl From<Value> for Opaque {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Value::Null => "Opaque(null)",
            Value::Bool(_) => "Opaque(bool)",
            Value::Number(_) => "Opaque(number)",
            Value::String(_) => "Opaque(string)",
            Value::Array(_) => "Opaque(array)",
            Value::Object(_) => "Opaque(object)",
        })
    }
}
