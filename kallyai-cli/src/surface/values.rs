//! From what was written to a value of the document. No message repeats what was written.

use chrono::NaiveDate;
use kallyai_sdk::phone::{E164, ParseE164Error};
use kallyai_sdk::types::{LocalDateTime, TimeOfDay};
use serde_json::{Map, Number, Value};

use super::machine::is_time_zone;
use super::refusal::{Refusal, Usage};
use super::table::{Argument, Kind};

/// Reads one value.
pub(super) fn read(argument: &Argument, text: &str) -> Result<Value, Refusal> {
    let value = match argument.kind {
        Kind::Text => said(text),
        Kind::Choice(_) => Ok(Value::from(text)),
        Kind::Switch | Kind::Boolean => boolean(text),
        Kind::Integer { least, most } => integer(text, least, most),
        Kind::Number => number(text),
        Kind::Json => json(text),
        Kind::Date => date(text),
        Kind::Time => time(text),
        Kind::LocalDateTime => local_date_time(text),
        Kind::TimeZone => time_zone(text),
        Kind::Phone => phone(text),
    };
    value.map_err(|usage| {
        Refusal::Usage(Usage {
            message: format!("{}: {}", argument.written(), usage.message),
            hint: usage.hint,
        })
    })
}

/// Puts a value where a dotted path leads.
pub(super) fn put(arguments: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            arguments.insert(path.to_owned(), value);
        }
        Some((outer, inner)) => {
            let object = arguments.entry(outer).or_insert_with(|| Map::new().into());
            if let Value::Object(object) = object {
                put(object, inner, value);
            }
        }
    }
}

type Read = Result<Value, Usage>;

fn wrong(message: impl Into<String>, hint: impl Into<String>) -> Read {
    Err(Usage {
        message: message.into(),
        hint: Some(hint.into()),
    })
}

/// An empty text can be meant, where a text is to be taken away.
fn said(text: &str) -> Read {
    let is_blank = |c: char| c.is_whitespace() || c.is_control();
    if !text.is_empty() && text.chars().all(is_blank) {
        return wrong("nothing but white space", "write what it shall be");
    }
    Ok(Value::from(text))
}

fn boolean(text: &str) -> Read {
    match text {
        "true" | "yes" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "0" => Ok(Value::Bool(false)),
        _ => wrong("neither true nor false", "write true or false"),
    }
}

fn integer(text: &str, least: Option<i64>, most: Option<i64>) -> Read {
    let Ok(number) = text.parse::<i64>() else {
        return wrong("no whole number", "write digits only");
    };
    match (least, most) {
        (Some(least), _) if number < least => wrong("too small", format!("{least} is the least")),
        (_, Some(most)) if number > most => wrong("too large", format!("{most} is the most")),
        _ => Ok(Value::from(number)),
    }
}

fn number(text: &str) -> Read {
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(Value::from(whole));
    }
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map_or_else(
        || wrong("no number", "write it like 12.50"),
        |number| Ok(Value::Number(number)),
    )
}

/// serde_json tells of a text where it breaks, and nothing of what is in it.
fn json(text: &str) -> Read {
    match serde_json::from_str::<Map<String, Value>>(text) {
        Ok(object) => Ok(Value::Object(object)),
        Err(error) if error.is_data() => {
            wrong("no JSON object", r#"write it like {"caller_vip": true}"#)
        }
        Err(error) => wrong(
            format!("no JSON: {error}"),
            r#"write it like {"caller_vip": true}, and quote it for the shell"#,
        ),
    }
}

fn date(text: &str) -> Read {
    // chrono takes a space or a sign for a digit.
    let read = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    if text.len() == "YYYY-MM-DD".len() && read.is_ok_and(|date| date.to_string() == text) {
        return Ok(Value::from(text));
    }
    wrong("no date", "write it as YYYY-MM-DD, like 2026-02-14")
}

fn time(text: &str) -> Read {
    if text.parse::<TimeOfDay>().is_ok() {
        return Ok(Value::from(text));
    }
    wrong("no time", "write it as HH:MM, 24 hours, like 20:00")
}

fn local_date_time(text: &str) -> Read {
    if text.parse::<LocalDateTime>().is_ok() {
        return Ok(Value::from(text));
    }
    wrong(
        "no local date and time",
        "write it as YYYY-MM-DDTHH:MM without an offset, like 2026-02-14T20:00",
    )
}

fn time_zone(text: &str) -> Read {
    if is_time_zone(text) {
        return Ok(Value::from(text));
    }
    wrong(
        "no time zone that is known",
        "write its IANA name, like Europe/Madrid",
    )
}

fn phone(text: &str) -> Read {
    match text.parse::<E164>() {
        Ok(_) => Ok(Value::from(text)),
        Err(error @ ParseE164Error::Emergency) => Err(Usage {
            message: error.to_string(),
            hint: Some("call them yourself, at once".to_owned()),
        }),
        Err(error) => wrong(
            error.to_string(),
            "write + and digits only: +1 310 555 0147 is written +13105550147",
        ),
    }
}
