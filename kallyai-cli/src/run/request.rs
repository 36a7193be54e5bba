//! A command that is one request.

use std::io::Read;

use http::header::LOCATION;
use kallyai_sdk::dynamic::DynamicRequest;
use kallyai_sdk::{Answer, Client, Dials, Error, Operation, RawBody, Response};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::call::{KEY, MAY_RING};
use super::consent::{self, Planned};
use super::{Failure, Session, dry_run, interrupt, stdin};
use crate::output::{Exit, Hints, Picture};
use crate::surface::Wanted;

pub(crate) async fn run(session: &Session, wanted: &Wanted) -> Result<Exit, Failure> {
    let client = session.client()?;
    let request = checked(&client, wanted, wanted.arguments.clone())?;
    if session.options.dry_run {
        return dry_run::show(session, &request.preview().await?);
    }
    consent::ask(session, &Planned::of(wanted, request.info())).await?;
    let operation = request.info();
    let answer = interrupt::answered(&operation.method, request).await?;
    print(session, operation, wanted.command.columns, &answer)?;
    Ok(Exit::Done)
}

/// A request that would be sent; what is wrong with it is told by the flags that it was asked for with.
pub(crate) fn checked(
    client: &Client,
    wanted: &Wanted,
    arguments: Map<String, Value>,
) -> Result<DynamicRequest, Failure> {
    let command = wanted.command;
    let request = client.operation(command.operation, Value::Object(arguments));
    let request = request.and_then(|request| request.check().map(|()| request));
    request.map_err(|error| {
        // The older form has no command whose help could be asked for.
        let words = command.words.iter().filter(|_| !wanted.first_generation);
        let words: Vec<&str> = words.copied().collect();
        told(error, &words, |field| {
            let own = (field == KEY).then(|| "--idempotency-key".to_owned());
            own.or_else(|| command.written(field))
        })
    })
}

/// What is wrong with a request, in the words of whoever typed it.
pub(super) fn told(
    error: Error,
    words: &[&str],
    written: impl Fn(&str) -> Option<String>,
) -> Failure {
    if !error.is_invalid_input() {
        return error.into();
    }
    let problems = error.problems().iter();
    let told: Vec<String> = problems
        .map(|problem| {
            let field = problem.field();
            let name = written(field).unwrap_or_else(|| field.to_owned());
            format!("{name}: {}", problem.reason())
        })
        .collect();
    let command = [&["kallyai"], words].concat().join(" ");
    let hint = error.remedy();
    let hint = hint.unwrap_or_else(|| format!("see {command} --help"));
    Failure::usage(told.join("; "), hint)
}

/// Prints the answer of an operation as what it is.
pub(crate) fn print(
    session: &Session,
    operation: &'static Operation,
    columns: &'static [&'static str],
    answer: &Response<RawBody>,
) -> Result<(), Failure> {
    let body = answer.value.bytes();
    match operation.answer {
        Answer::Text(_) => session.output.text(body)?,
        Answer::Redirect => {
            // Where it leads is the answer.
            let location = answer.headers.get(LOCATION);
            let location = location.and_then(|location| location.to_str().ok());
            let body = json!({ "location": location }).to_string();
            session
                .output
                .answer(&hints(operation, columns), body.as_bytes())?;
        }
        _ if is_document(body) => session.output.answer(&hints(operation, columns), body)?,
        _ => return Err(unreadable(operation)),
    }
    Ok(())
}

/// An answer may be empty; whatever else is no JSON is not the service's.
fn is_document(body: &[u8]) -> bool {
    body.trim_ascii().is_empty() || serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

fn unreadable(operation: &'static Operation) -> Failure {
    let hint = match operation.effects.dials {
        Dials::Direct => MAY_RING,
        _ => "see with `kallyai config show` whether the base URL is the service's",
    };
    let message = format!("{}: the answer is no JSON", operation.id);
    Failure::other("unreadable_answer", message, hint)
}

/// The credentials come on stdin, so that they are in no list of processes.
pub(crate) async fn with_credentials(
    session: &Session,
    mut wanted: Wanted,
) -> Result<Exit, Failure> {
    if !stdin::is_terminal() {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| stdin::unreadable(&error))?;
        if !text.trim().is_empty() {
            let given: Map<String, Value> = serde_json::from_str(&text)
                .map_err(|error| stdin::no_json(error.line(), error.column()))?;
            // Where they go is said on the command line.
            for (name, value) in given {
                wanted.arguments.entry(name).or_insert(value);
            }
        }
    }
    run(session, &wanted).await
}

/// What is known of an operation's answer.
pub(crate) fn hints(
    operation: &'static Operation,
    columns: &'static [&'static str],
) -> Hints<'static> {
    let items = operation.pages.map(|pages| pages.items);
    Hints {
        noun: items,
        items,
        columns,
        picture: match operation.id {
            "credits_breakdown" | "inbound_analytics" => Picture::Bars,
            "coordination_goal_tree" => Picture::Tree,
            "coordination_send_message" => Picture::Reply,
            _ => Picture::Usual,
        },
    }
}
