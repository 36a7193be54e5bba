//! A command that is one request.

use std::io::Read;

use http::header::LOCATION;
use kallyai_sdk::dynamic::DynamicRequest;
use kallyai_sdk::{Answer, Client, Operation, RawBody, Response};
use serde_json::{Map, Value, json};

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
        if !error.is_invalid_input() {
            return error.into();
        }
        let told: Vec<String> = error
            .problems()
            .iter()
            .map(|problem| {
                let field = problem.field();
                let name = command.written(field).unwrap_or_else(|| field.to_owned());
                format!("{name}: {}", problem.reason())
            })
            .collect();
        let help = format!("see kallyai {} --help", command.words.join(" "));
        let hint = error.remedy().unwrap_or(help);
        Failure::usage(told.join("; "), hint)
    })
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
        _ => session.output.answer(&hints(operation, columns), body)?,
    }
    Ok(())
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
