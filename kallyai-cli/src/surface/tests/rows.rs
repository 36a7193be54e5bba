//! Every row of the published command, and the request that it is.

use std::collections::HashSet;

use kallyai_openapi::{Operation, Spec};
use serde_json::{Map, Value};

use super::super::table::{COMMANDS, FIRST_GENERATION};
use super::{Wanted, wanted};

const ROWS: &str = include_str!("../../../tests/surface/rows.tsv");

struct Row<'a> {
    argv: Vec<String>,
    operation: &'a str,
    method: &'a str,
    path: &'a str,
    query: Map<String, Value>,
    body: Map<String, Value>,
}

fn rows() -> impl Iterator<Item = Row<'static>> {
    ROWS.lines().skip(1).map(|line| {
        let [argv, operation, method, path, query, body] =
            line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let object = |text: &str| match text {
            "-" => Map::new(),
            text => serde_json::from_str(text).unwrap(),
        };
        Row {
            argv: serde_json::from_str(argv).unwrap(),
            operation,
            method,
            path,
            query: object(query),
            body: object(body),
        }
    })
}

/// Puts the arguments where the document has them.
fn request(
    spec: &Spec,
    operation: &Operation,
    mut arguments: Map<String, Value>,
) -> (String, Map<String, Value>, Map<String, Value>) {
    let mut path = operation.path.clone();
    let mut query = Map::new();
    for parameter in spec.parameters(&operation.id) {
        let name = parameter["name"].as_str().unwrap();
        let Some(value) = arguments.remove(name) else {
            continue;
        };
        if parameter["in"] == "path" {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            path = path.replace(&format!("{{{name}}}"), &text);
        } else {
            query.insert(name.to_owned(), value);
        }
    }
    (path, query, arguments)
}

#[test]
fn every_row_is_the_request_of_the_published_command() {
    let spec = Spec::load().unwrap();
    let operations = spec.operations();
    for row in rows() {
        let argv: Vec<&str> = row.argv.iter().map(String::as_str).collect();
        let wanted = wanted(&argv);
        assert_eq!(wanted.command.operation, row.operation, "{argv:?}");
        let operation = operations
            .iter()
            .find(|known| known.id == row.operation)
            .unwrap();
        assert_eq!(operation.method, row.method, "{argv:?}");
        let (path, query, body) = request(&spec, operation, wanted.arguments);
        assert_eq!(path, row.path, "{argv:?}");
        assert_eq!(query, row.query, "{argv:?}");
        assert_eq!(body, row.body, "{argv:?}");
    }
}

#[test]
fn every_command_of_the_table_has_a_row() {
    let seen: HashSet<Vec<&str>> = rows()
        .map(|row| {
            let argv: Vec<&str> = row.argv.iter().map(String::as_str).collect();
            wanted(&argv).command.words.to_vec()
        })
        .collect();
    for command in COMMANDS.iter().chain(FIRST_GENERATION) {
        assert!(
            seen.contains(command.words),
            "{:?} has no row",
            command.words
        );
    }
}

#[test]
fn every_flag_of_the_published_command_has_a_row() {
    let filled: Vec<Wanted> = rows()
        .map(|row| wanted(&row.argv.iter().map(String::as_str).collect::<Vec<_>>()))
        .collect();
    for command in COMMANDS.iter().chain(FIRST_GENERATION) {
        let same = filled.iter().filter(|wanted| wanted.command == command);
        let same: Vec<Value> = same
            .map(|wanted| Value::Object(wanted.arguments.clone()))
            .collect();
        for argument in command.arguments.iter().filter(|argument| argument.vendor) {
            for path in argument.feeds {
                let pointer = format!("/{}", path.replace('.', "/"));
                let fills = same
                    .iter()
                    .any(|arguments| arguments.pointer(&pointer).is_some());
                assert!(fills, "{:?}: nothing fills {path}", command.words);
            }
        }
    }
}
