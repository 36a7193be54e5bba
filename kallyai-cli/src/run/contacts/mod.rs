//! Contacts from a file: all of it is checked first, and what is there already is left out.

mod file;

use std::collections::HashSet;
use std::path::Path;

use kallyai_sdk::{Client, Error};
use serde_json::{Map, Value, json};

use super::interrupt::{self, Interrupted};
use super::{Failure, Session, dry_run};
use crate::output::{ErrorShown, Exit, Format, Hints, Output, Spinner};
use file::{Row, Wrong};

const CREATE: &str = "inbound_create_contact";
const LIST: &str = "inbound_list_contacts";

/// How many mistakes are told.
const TOLD: usize = 20;

pub(crate) async fn run(session: &Session, path: &Path) -> Result<Exit, Failure> {
    let client = session.client()?;
    let rows = match file::read(path) {
        Ok(rows) => rows,
        Err(wrong) => return Err(refused(session, &wrong)),
    };
    // The library's own checks come before anything is sent, too.
    for row in &rows {
        client.operation(CREATE, arguments(row))?.check()?;
    }
    if session.options.dry_run {
        for row in &rows {
            let request = client.operation(CREATE, arguments(row))?;
            dry_run::show_one_of_many(session, &request.preview().await?)?;
        }
        return Ok(Exit::Done);
    }
    let mut import = Import {
        spinner: session.output.spinner("looking at the contacts"),
        caught: interrupt::caught().await,
        created: 0,
        new: 0,
    };
    let known = tokio::select! {
        biased;
        () = &mut import.caught => return Err(import.interrupted()),
        known = known(&client) => known?,
    };
    let total = rows.len();
    let new: Vec<Row> = rows
        .into_iter()
        .filter(|row| !known.contains(row.number.as_str()))
        .collect();
    import.new = new.len();
    for row in &new {
        import.create(&client, row).await?;
    }
    let created = import.created;
    import.spinner.finish();
    say(session, created, total)
}

fn say(session: &Session, created: usize, total: usize) -> Result<Exit, Failure> {
    let skipped = total - created;
    if session.output.format() == Format::Human {
        let there = match skipped {
            0 => String::new(),
            count => format!(", {count} there already"),
        };
        Output::lines(&format!("{} created{there}", contacts(created)))?;
    } else {
        let body = json!({ "created": created, "skipped": skipped, "total": total });
        session
            .output
            .answer(&Hints::default(), body.to_string().as_bytes())?;
    }
    Ok(Exit::Done)
}

fn contacts(count: usize) -> String {
    match count {
        1 => "1 contact".to_owned(),
        count => format!("{count} contacts"),
    }
}

fn arguments(row: &Row) -> Value {
    let mut arguments = Map::new();
    arguments.insert("name".to_owned(), row.name.as_str().into());
    arguments.insert("phone_number".to_owned(), row.number.as_str().into());
    if let Some(vip) = row.vip {
        arguments.insert("is_vip".to_owned(), vip.into());
    }
    if let Some(notes) = &row.notes {
        arguments.insert("notes".to_owned(), notes.as_str().into());
    }
    Value::Object(arguments)
}

/// The numbers of the contacts that are there.
async fn known(client: &Client) -> Result<HashSet<String>, Failure> {
    let answer = client.operation(LIST, Value::Null)?.await?;
    numbers(&answer.value.json()?)
}

fn numbers(answer: &Value) -> Result<HashSet<String>, Failure> {
    let listed = match answer {
        Value::Array(listed) => Some(listed),
        answer => ["items", "contacts"]
            .iter()
            .find_map(|name| answer.get(*name)?.as_array()),
    };
    let Some(listed) = listed else {
        return Err(unknown("the list of contacts is not one that is known"));
    };
    // No source says that the list has pages, and none how to ask for the next one.
    let total = answer.get("total").and_then(Value::as_u64);
    if total.is_some_and(|total| total > listed.len() as u64) {
        return Err(unknown("the service shows only some of your contacts"));
    }
    let numbers = listed.iter().filter_map(|contact| {
        let number = contact.get("phone_number")?.as_str()?;
        // However it was written.
        let digits = number.chars().filter(|c| c.is_ascii_digit() || *c == '+');
        Some(digits.collect())
    });
    Ok(numbers.collect())
}

fn unknown(why: &str) -> Failure {
    Failure::other(
        "unreadable_answer",
        format!(
            "{why}: which of the file are there already cannot be told, and nothing was created"
        ),
        "`kallyai inbound add-contact` adds one",
    )
}

/// An import that is under way.
struct Import {
    spinner: Spinner,
    caught: Interrupted,
    created: usize,
    new: usize,
}

impl Import {
    async fn create(&mut self, client: &Client, row: &Row) -> Result<(), Failure> {
        let (created, new) = (self.created, self.new);
        self.spinner
            .set_state(&format!("{created} of {new} created"));
        let request = client.operation(CREATE, arguments(row))?;
        let answer = tokio::select! {
            biased;
            () = &mut self.caught => return Err(self.interrupted()),
            answer = request => answer,
        };
        match answer {
            Ok(_) => {
                self.created += 1;
                Ok(())
            }
            Err(error) => Err(self.failed(row, &error)),
        }
    }

    fn interrupted(&self) -> Failure {
        let mut shown = ErrorShown::new("interrupted", format!("interrupted: {}", self.so_far()));
        shown.hint = Some(AGAIN.to_owned());
        self.spinner.hide();
        Failure::Shown(Box::new(shown), Exit::Interrupted)
    }

    fn failed(&self, row: &Row, error: &Error) -> Failure {
        let mut shown = ErrorShown::from(error);
        shown.message = format!("line {}: {} ({})", row.line, shown.message, self.so_far());
        let hint = shown.hint.take().map(|hint| format!("{hint}; "));
        shown.hint = Some(hint.unwrap_or_default() + AGAIN);
        self.spinner.hide();
        Failure::Shown(Box::new(shown), Exit::from(error))
    }

    fn so_far(&self) -> String {
        match self.new {
            0 => "nothing was created".to_owned(),
            new => format!("{} of {new} were created", self.created),
        }
    }
}

const AGAIN: &str = "the same command goes on where it stopped, and creates none twice";

/// What is wrong with the file, line by line.
fn refused(session: &Session, wrong: &Wrong) -> Failure {
    let lines = match wrong {
        Wrong::File(why) => return Failure::usage(why, file::EXAMPLE),
        Wrong::Lines(lines) => lines,
    };
    let count = lines.len();
    let mut told: Vec<String> = lines.iter().take(TOLD).map(ToString::to_string).collect();
    if count > TOLD {
        told.push(format!("and {} more", count - TOLD));
    }
    let rows = if count == 1 {
        "1 row is"
    } else {
        &format!("{count} rows are")
    };
    let mut message = format!("{rows} wrong, and nothing was sent");
    if session.output.format() == Format::Human {
        session.output.note(&told.join("\n"));
    } else {
        message = format!("{message}: {}", told.join("; "));
    }
    Failure::usage(message, "mend them, and run it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_there_already() {
        let ada = json!({ "id": "k_1", "phone_number": "+1 (202) 555-0142" });
        let nobody = json!({ "id": "k_2", "name": "Grace" });
        for answer in [
            json!([ada, nobody]),
            json!({ "items": [ada, nobody], "total": 2 }),
            json!({ "contacts": [ada, nobody] }),
        ] {
            let numbers = numbers(&answer).unwrap();
            assert_eq!(numbers, HashSet::from(["+12025550142".to_owned()]));
        }
    }

    #[test]
    fn what_cannot_be_told_is_no_guess() {
        for answer in [
            json!({ "items": [], "total": 1 }),
            json!({ "people": [] }),
            json!("none"),
        ] {
            let Failure::Shown(shown, Exit::Failure) = numbers(&answer).unwrap_err() else {
                panic!("{answer}");
            };
            assert!(shown.message.contains("nothing was created"), "{shown:?}");
        }
    }
}
