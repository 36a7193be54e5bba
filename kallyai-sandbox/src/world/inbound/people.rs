//! The contacts by which callers are recognised.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::rules::merge;

/// In the order in which they came; each is its fields as they were sent.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Contacts(Vec<Contact>);

#[derive(Clone, Serialize, Deserialize)]
struct Contact {
    id: Uuid,
    fields: Map<String, Value>,
}

const FIELDS: &[&str] = &["name", "phone_number", "is_vip", "notes"];

impl Contact {
    fn has(&self, number: &str) -> bool {
        self.fields.get("phone_number").and_then(Value::as_str) == Some(number)
    }

    fn view(&self) -> Value {
        let mut view = self.fields.clone();
        view.insert("id".to_owned(), json!(self.id));
        view.entry("is_vip").or_insert(json!(false));
        Value::Object(view)
    }
}

impl Contacts {
    pub(crate) fn is_known(&self, number: &str) -> bool {
        self.0.iter().any(|contact| contact.has(number))
    }

    /// What a number is called.
    pub(crate) fn name(&self, number: &str) -> Option<&str> {
        let contact = self.0.iter().find(|contact| contact.has(number))?;
        contact.fields.get("name")?.as_str()
    }

    pub(crate) fn is_vip(&self, number: &str) -> bool {
        self.0.iter().any(|contact| {
            contact.has(number) && contact.fields.get("is_vip") == Some(&json!(true))
        })
    }

    pub(crate) fn view(&self) -> Value {
        let items: Vec<Value> = self.0.iter().map(Contact::view).collect();
        json!({ "total": items.len(), "items": items })
    }

    pub(crate) fn add(&mut self, id: Uuid, fields: &Value) -> Value {
        let mut contact = Contact {
            id,
            fields: Map::new(),
        };
        merge(&mut contact.fields, fields, FIELDS);
        let view = contact.view();
        self.0.push(contact);
        view
    }

    pub(crate) fn change(&mut self, id: &str, fields: &Value) -> Option<Value> {
        let id = Uuid::parse_str(id).ok()?;
        let contact = self.0.iter_mut().find(|contact| contact.id == id)?;
        merge(&mut contact.fields, fields, FIELDS);
        Some(contact.view())
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|contact| contact.id.to_string() != id);
        self.0.len() < before
    }
}
