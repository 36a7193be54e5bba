//! Asking before what dials, spends, or cannot be taken back.

use kallyai_sdk::{Dials, Operation, Spend};
use serde_json::Value;

use super::{Failure, Session};
use crate::output::Agreed;
use crate::surface::Wanted;

/// The variable that lets programs ask too: `always`.
const VARIABLE: &str = "KALLYAI_CONFIRM";

/// What is about to be done.
pub(crate) struct Planned<'a> {
    operation: Option<&'static Operation>,
    /// Whether the published command would not ask.
    exempt: bool,
    /// What people recognise it by.
    details: Vec<(&'a str, &'a str)>,
}

impl<'a> Planned<'a> {
    pub(crate) fn of(wanted: &'a Wanted, operation: &'static Operation) -> Self {
        let ask = wanted.command.words == ["ask"];
        Self {
            operation: Some(operation),
            exempt: wanted.first_generation || ask,
            details: details(&wanted.arguments),
        }
    }

    /// A message to the assistant, for which the published command does not ask either.
    pub(crate) fn said(operation: &'static Operation, message: &'a str) -> Self {
        Self {
            operation: Some(operation),
            exempt: true,
            details: vec![("message", message)],
        }
    }

    /// A request by method and path; what is not known may do anything unless it only reads.
    pub(crate) fn raw(operation: Option<&'static Operation>) -> Self {
        Self {
            operation,
            exempt: false,
            details: Vec::new(),
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
pub(crate) async fn ask(session: &Session, planned: &Planned<'_>) -> Result<(), Failure> {
    let consequences = planned.consequences();
    if consequences.is_empty() || session.options.yes {
        return Ok(());
    }
    let always = std::env::var_os(VARIABLE).is_some_and(|value| value == "always");
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

/// The texts among the arguments: a number, a task, a name.
fn details(arguments: &serde_json::Map<String, Value>) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (name, value) in arguments {
        match value {
            Value::String(text) => found.push((name.as_str(), text.as_str())),
            Value::Object(inner) => found.extend(details(inner)),
            _ => {}
        }
    }
    found
}
