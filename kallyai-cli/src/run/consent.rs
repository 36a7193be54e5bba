//! Asking before what dials, spends, or cannot be taken back.

use kallyai_sdk::{Dials, Operation, Spend};
use serde_json::{Map, Value};

use super::{Failure, Session};
use crate::output::Agreed;
use crate::surface::Wanted;
use crate::surface::own::Api;

/// The variable that lets programs ask too: `always`.
const VARIABLE: &str = "KALLYAI_CONFIRM";

/// What is about to be done.
pub(crate) struct Planned {
    operation: Option<&'static Operation>,
    /// Whether the published command would not ask.
    exempt: bool,
    /// What people recognise it by.
    details: Vec<(String, String)>,
}

impl Planned {
    pub(crate) fn of(wanted: &Wanted, operation: &'static Operation) -> Self {
        let ask = wanted.command.words == ["ask"];
        Self {
            operation: Some(operation),
            exempt: wanted.first_generation || ask,
            details: details(&wanted.arguments),
        }
    }

    /// A message to the assistant, for which the published command does not ask either.
    pub(crate) fn said(operation: &'static Operation, message: &str) -> Self {
        Self {
            operation: Some(operation),
            exempt: true,
            details: vec![("message".to_owned(), message.to_owned())],
        }
    }

    /// A request by method and path; what is not known may do anything unless it only reads.
    pub(crate) fn raw(
        operation: Option<&'static Operation>,
        api: &Api,
        body: Option<&Value>,
    ) -> Self {
        let request = format!("{} {}", api.method, api.path);
        let mut shown = vec![("request".to_owned(), request)];
        shown.extend(api.query.iter().cloned());
        match body {
            Some(Value::Object(fields)) => shown.extend(details(fields)),
            Some(body) => shown.push(("body".to_owned(), body.to_string())),
            None => {}
        }
        Self {
            operation,
            exempt: false,
            details: shown,
        }
    }

    /// What the user should know before saying yes; empty where there is nothing to ask.
    fn consequences(&self) -> Vec<&'static str> {
        let Some(operation) = self.operation else {
            return vec!["what it does is not known"];
        };
        let effects = operation.effects;
        let mut said = Vec::new();
        match effects.dials {
            Dials::Direct => said.push("it rings a phone"),
            Dials::Indirect => said.push("it may ring a phone"),
            _ => {}
        }
        match effects.spend {
            Spend::None => {}
            Spend::Unknown => said.push("it may cost credits or money"),
            _ => said.push("it costs credits or money"),
        }
        if effects.irreversible {
            said.push("it cannot be taken back");
        }
        said
    }
}

/// Asks, where there is somebody to ask and something to ask for.
pub(crate) async fn ask(session: &Session, planned: &Planned) -> Result<(), Failure> {
    let consequences = planned.consequences();
    if consequences.is_empty() || session.options.yes {
        return Ok(());
    }
    let always = is_always()?;
    if planned.exempt && !always {
        return Ok(());
    }
    let what = planned
        .operation
        .map_or("A request", |operation| operation.summary);
    let mut lines = vec![format!("{what}: {}.", consequences.join(", "))];
    for (name, value) in &planned.details {
        lines.push(format!("  {name}: {value}"));
    }
    lines.push("Send it?".to_owned());
    match session.output.confirm(&lines).await {
        Agreed::No => Err(Failure::declined()),
        Agreed::NotATerminal if always => Err(Failure::usage(
            format!("{VARIABLE} is always, and there is no terminal to ask on"),
            "give --yes if it shall be sent",
        )),
        // The published command asks nothing where nobody is.
        Agreed::Yes | Agreed::NotATerminal => Ok(()),
        Agreed::Interrupted => Err(Failure::interrupted()),
    }
}

/// Whether everything is asked for. A word that is none of the variable's could mean so.
fn is_always() -> Result<bool, Failure> {
    match std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        None => Ok(false),
        Some(value) if value == "always" => Ok(true),
        Some(_) => Err(Failure::usage(
            format!("{VARIABLE} has a value that is not known: nothing was sent"),
            "set it to always, or not at all",
        )),
    }
}

/// All that is sent: a number, a task, an amount, the ids of a list.
fn details(arguments: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, value) in arguments {
        match value {
            Value::Object(inner) => found.extend(details(inner)),
            Value::Array(list) => {
                let list: Vec<String> = list.iter().map(text).collect();
                found.push((name.clone(), list.join(", ")));
            }
            value => found.push((name.clone(), text(value))),
        }
    }
    found
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_is_sent_is_hidden() {
        let sent = json!({
            "amount": 120.5,
            "ids": ["m_1", "m_2"],
            "primary": false,
            "submission": { "party_size": 4, "respondent_phone": "+12025550199" },
        });
        let mut shown = details(sent.as_object().unwrap());
        shown.sort();
        let expected = [
            ("amount", "120.5"),
            ("ids", "m_1, m_2"),
            ("party_size", "4"),
            ("primary", "false"),
            ("respondent_phone", "+12025550199"),
        ];
        assert_eq!(
            shown,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
