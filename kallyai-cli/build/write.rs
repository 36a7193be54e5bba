//! Writes the table as Rust.

use std::fmt::Write;

use kallyai_openapi::{Dials, Spend};

use super::commands::{Command, Flag, Table};
use super::document::Kind;

pub(crate) fn source(table: &Table<'_>) -> String {
    let mut source = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        source,
        "/// The groups by headings.\npub(super) static HEADINGS: &[(&str, &[&str])] = &{};\n\
         /// What groups are about.\npub(super) static GROUPS: &[(&[&str], &str)] = &{};\n",
        list(&table.headings, |(name, groups)| format!(
            "({name:?}, &{groups:?})"
        )),
        list(&table.groups, |(words, about)| format!(
            "(&{words:?}, {about:?})"
        )),
    );
    for (name, commands) in [
        ("COMMANDS", &table.commands),
        ("FIRST_GENERATION", &table.first_generation),
    ] {
        let commands = list(commands, command);
        let _ = writeln!(
            source,
            "pub(super) static {name}: &[Command] = &{commands};"
        );
    }
    source
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(write).collect();
    format!("[{}]", items.join(",\n"))
}

fn command(command: &Command<'_>) -> String {
    let operation = &command.known.operation;
    let dials = match operation.effects.dials {
        Dials::None => "None",
        Dials::Indirect => "Indirect",
        _ => "Direct",
    };
    let spend = match operation.effects.spend {
        Spend::None => "None",
        Spend::Fixed => "Fixed",
        Spend::Metered => "Metered",
        _ => "Unknown",
    };
    let handler = match command.handler.as_str() {
        "" => "Request".to_owned(),
        name => {
            let (first, rest) = name.split_at(1);
            first.to_uppercase() + rest
        }
    };
    format!(
        "Command {{ words: &{:?}, operation: {:?}, about: {:?}, details: {:?}, \
         effects: Effects {{ dials: Dials::{dials}, spend: Spend::{spend}, irreversible: {} }}, price: {:?}, \
         columns: &{:?}, examples: &{:?}, handler: Handler::{handler}, arguments: &{} }}",
        command.words,
        operation.id,
        operation.summary,
        unfolded(&format!("{}\n\n{}", operation.description, command.note)),
        operation.effects.irreversible,
        command.known.price,
        command.columns,
        command.examples,
        list(&command.flags, flag),
    )
}

/// The document's lines end where its file's do; a terminal has its own width.
fn unfolded(text: &str) -> String {
    let paragraphs = text.split("\n\n");
    let paragraphs = paragraphs.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn flag(flag: &Flag) -> String {
    let kind = match &flag.kind {
        Kind::Text => "Text".to_owned(),
        Kind::Boolean => "Boolean".to_owned(),
        Kind::Switch => "Switch".to_owned(),
        Kind::Integer(least, most) => format!("Integer {{ least: {least:?}, most: {most:?} }}"),
        Kind::Number => "Number".to_owned(),
        Kind::Choice(choices) => format!("Choice(&{choices:?})"),
        Kind::Json => "Json".to_owned(),
        Kind::Date => "Date".to_owned(),
        Kind::Time => "Time".to_owned(),
        Kind::LocalDateTime => "LocalDateTime".to_owned(),
        Kind::TimeZone => "TimeZone".to_owned(),
        Kind::Phone => "Phone".to_owned(),
    };
    let default = match flag.default.as_deref() {
        None => "None".to_owned(),
        Some("$language") => "Some(Fallback::Language)".to_owned(),
        Some("$timezone") => "Some(Fallback::TimeZone)".to_owned(),
        Some(value) => format!("Some(Fallback::Value({value:?}))"),
    };
    format!(
        "Argument {{ name: {:?}, short: {:?}, feeds: &{:?}, form: Form::{}, kind: Kind::{kind}, list: {}, \
         required: {}, vendor: {}, default: {default}, help: {:?} }}",
        flag.name,
        flag.short,
        flag.feeds,
        flag.form,
        flag.list,
        flag.required,
        flag.vendor,
        flag.help,
    )
}
