//! Writes the table as Rust.

use std::fmt::Write;

use kallyai_openapi::{Dials, Spend};

use super::commands::{Command, Flag, Table};
use super::document::{Kind, Known};

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
    let handler = match command.handler.as_str() {
        "" => "Request".to_owned(),
        name => {
            let (first, rest) = name.split_at(1);
            first.to_uppercase() + rest
        }
    };
    format!(
        "Command {{ words: &{:?}, operation: {:?}, about: {:?}, details: {:?}, \
         columns: &{:?}, examples: &{:?}, handler: Handler::{handler}, arguments: &{} }}",
        command.words,
        operation.id,
        operation.summary,
        unfolded(&format!(
            "{}\n\n{}\n\n{}",
            operation.description,
            command.note,
            mind(command.known)
        )),
        command.columns,
        command.examples,
        list(&command.flags, flag),
    )
}

/// What to mind before.
fn mind(known: &Known) -> String {
    let effects = &known.operation.effects;
    let mut said = Vec::new();
    match effects.dials {
        Dials::None => {}
        Dials::Indirect => said.push("It may ring a phone.".to_owned()),
        _ => said.push("It rings a phone at once.".to_owned()),
    }
    match effects.spend {
        Spend::None => {}
        Spend::Fixed => said.push("It costs credits.".to_owned()),
        Spend::Metered => said.push("It costs credits by use.".to_owned()),
        _ => said.push("It may cost.".to_owned()),
    }
    if effects.irreversible {
        said.push("It cannot be taken back.".to_owned());
    }
    if let Some(price) = &known.price {
        said.push(format!(
            "Its price is that of {price} in kallyai credits costs."
        ));
    }
    said.join(" ")
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
