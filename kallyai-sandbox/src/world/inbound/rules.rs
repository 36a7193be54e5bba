//! The rules for calls that come in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::numbers;

/// What the rules make of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// The assistant answers.
    Answer,
    Transfer(String),
    Reject,
    Voicemail,
}

/// What a rule can ask about.
pub(crate) struct Caller<'a> {
    pub(crate) number: &'a str,
    pub(crate) known: bool,
    pub(crate) vip: bool,
}

/// In the order in which they were made; each is its fields as they were sent.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Rules(Vec<Rule>);

#[derive(Clone, Serialize, Deserialize)]
struct Rule {
    id: Uuid,
    fields: Map<String, Value>,
}

const FIELDS: &[&str] = &[
    "name",
    "priority",
    "is_active",
    "conditions",
    "action",
    "action_config",
];

impl Rule {
    fn priority(&self) -> i64 {
        self.fields
            .get("priority")
            .and_then(Value::as_i64)
            .unwrap_or_default()
    }

    /// A condition that nobody here knows meets no call.
    fn is_for(&self, caller: &Caller<'_>) -> bool {
        self.fields.get("is_active") == Some(&json!(true))
            && self
                .fields
                .get("conditions")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .all(|(name, wanted)| match name.as_str() {
                    "caller_vip" => *wanted == json!(caller.vip),
                    "caller_known" => *wanted == json!(caller.known),
                    "caller_number" => *wanted == json!(caller.number),
                    _ => false,
                })
    }

    /// A call is transferred to the target of the rule, or else to a phone of the user.
    fn fate(&self, hand_off: Option<&str>) -> Fate {
        let target = self
            .fields
            .get("action_config")
            .and_then(|config| config.get("target")?.as_str())
            .filter(|target| numbers::is_e164(target))
            .or(hand_off);
        match (self.fields.get("action").and_then(Value::as_str), target) {
            (Some("transfer"), Some(target)) => Fate::Transfer(target.to_owned()),
            (Some("reject" | "block"), _) => Fate::Reject,
            (Some("voicemail"), _) => Fate::Voicemail,
            _ => Fate::Answer,
        }
    }

    fn view(&self) -> Value {
        let mut view = self.fields.clone();
        view.insert("id".to_owned(), json!(self.id));
        Value::Object(view)
    }
}

impl Rules {
    /// The first rule that is for a call decides.
    pub(super) fn fate(&self, caller: &Caller<'_>, hand_off: Option<&str>) -> Option<Fate> {
        self.in_order()
            .into_iter()
            .find(|rule| rule.is_for(caller))
            .map(|rule| rule.fate(hand_off))
    }

    /// The lowest number first.
    fn in_order(&self) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = self.0.iter().collect();
        rules.sort_by_key(|rule| rule.priority());
        rules
    }

    pub(crate) fn view(&self) -> Value {
        let items: Vec<Value> = self.in_order().into_iter().map(Rule::view).collect();
        json!({ "total": items.len(), "items": items })
    }

    pub(crate) fn add(&mut self, id: Uuid, fields: &Value) -> Value {
        let mut rule = Rule {
            id,
            fields: Map::new(),
        };
        merge(&mut rule.fields, fields, FIELDS);
        let view = rule.view();
        self.0.push(rule);
        view
    }

    pub(crate) fn change(&mut self, id: &str, fields: &Value) -> Option<Value> {
        let id = Uuid::parse_str(id).ok()?;
        let rule = self.0.iter_mut().find(|rule| rule.id == id)?;
        merge(&mut rule.fields, fields, FIELDS);
        Some(rule.view())
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|rule| rule.id.to_string() != id);
        self.0.len() < before
    }
}

/// Takes over the known fields that are given.
pub(super) fn merge(into: &mut Map<String, Value>, fields: &Value, known: &[&str]) {
    for (name, value) in fields.as_object().into_iter().flatten() {
        if known.contains(&name.as_str()) {
            into.insert(name.clone(), value.clone());
        }
    }
}
