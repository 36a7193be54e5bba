//! Reads answers that do not decode straight away.
//!
//! A straight decode takes unknown enum values, unknown fields and every way to write a number. When
//! it fails, this is tried: a bare list becomes the field that it stands for, a value of the wrong
//! type is converted where that is safe, and what remains odd is left out, the smallest piece that
//! lets the rest decode. It only runs after a failure, so it costs the usual answer nothing.
//!
//! What is done at one place is done at once to all entries of the same list that look the same, so
//! the rounds count the ways to be odd and not the odd entries; and all rounds together may read a
//! bounded number of bytes.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

use crate::error::Error;
use crate::index::Operation;
use crate::tame;

/// How many bytes all rounds together may read.
const MOST_WORK: usize = 32 * 1024 * 1024;
/// How many rounds a large answer gets all the same.
const FEWEST_ROUNDS: usize = 8;

/// Decodes a body, whether something is odd in it or not.
pub(crate) fn decode<T: DeserializeOwned>(
    operation: &'static Operation,
    body: &[u8],
) -> Result<T, Error> {
    serde_json::from_slice(body).or_else(|_| repair(operation, body))
}

/// Decodes a body in which something is odd.
pub(crate) fn repair<T: DeserializeOwned>(
    operation: &'static Operation,
    body: &[u8],
) -> Result<T, Error> {
    let mut value = if body.trim_ascii().is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body)
            .or_else(|_| serde_json::from_str(&tame::tame(body)))
            .map_err(|_| Error::decode("the answer is no JSON", body))?
    };
    unwrap_bare(&mut value, operation);
    let mut tried = HashMap::new();
    let rounds = (MOST_WORK / body.len().max(1)).clamp(FEWEST_ROUNDS, 10_000);
    for round in 0..rounds {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(answer) => {
                if round > 0 {
                    tracing::warn!(operation = operation.id, "odd values in an answer");
                }
                return Ok(answer);
            }
            Err(error) => error,
        };
        let place = steps(error.path());
        // serde's message can repeat a value: only its end is looked at, and it goes no further.
        let message = error.inner().to_string();
        let wants_bool = message
            .rsplit_once("expected ")
            .is_some_and(|(_, wanted)| wanted.starts_with("a boolean"));
        if !mend(&mut value, place, wants_bool, &mut tried) {
            let place = error.path().to_string();
            return Err(Error::decode(
                format!("the answer is not what was asked for, at `{place}`"),
                body,
            ));
        }
    }
    Err(Error::decode("too much of the answer is odd", body))
}

/// Puts what arrives bare into the field that the spec names for it.
fn unwrap_bare(value: &mut Value, operation: &Operation) {
    if value.is_null() {
        *value = json!({});
    }
    if let Some(list) = operation.bare_list
        && value.is_array()
    {
        *value = json!({ list: value.take() });
    }
    let Some(field) = operation.bare_item else {
        return;
    };
    for list in operation.bare_lists {
        let entries = value.get_mut(*list).and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten() {
            if entry.is_string() {
                *entry = json!({ field: entry.take() });
            }
        }
    }
}

/// One step into a JSON value.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Step {
    Key(String),
    Index(usize),
}

fn steps(path: &Path) -> Vec<Step> {
    path.iter()
        .map_while(|segment| match segment {
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Seq { index } => Some(Step::Index(*index)),
            _ => None,
        })
        .collect()
}

/// What is tried at one place, in this order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mend {
    Convert,
    Nullify,
    Remove,
}

/// Changes the value at a place, or at its parent when nothing is left to try there. False when the
/// whole is what is wrong.
fn mend(
    root: &mut Value,
    mut place: Vec<Step>,
    wants_bool: bool,
    tried: &mut HashMap<Vec<Step>, Mend>,
) -> bool {
    loop {
        if place.is_empty() {
            return false;
        }
        let next = match tried.get(&place) {
            None => Mend::Convert,
            Some(Mend::Convert) => Mend::Nullify,
            Some(Mend::Nullify) => Mend::Remove,
            Some(Mend::Remove) => {
                place.pop();
                continue;
            }
        };
        tried.insert(place.clone(), next);
        let Some(shape) = at(root, &place).map(|value| shape(value)) else {
            continue;
        };
        let changed = match next {
            Mend::Convert => change(root, &place, &shape, &mut |value| {
                convert(value, wants_bool)
            }),
            Mend::Nullify => change(root, &place, &shape, &mut |value| {
                let changed = !value.is_null();
                *value = Value::Null;
                changed
            }),
            Mend::Remove => {
                let removed = remove(root, &place, &shape);
                if removed
                    && place
                        .last()
                        .is_some_and(|step| matches!(step, Step::Index(_)))
                {
                    // The entries behind have moved up: what was tried there was tried on others.
                    let parent = place.get(..place.len() - 1).unwrap_or_default();
                    tried.retain(|other, _| {
                        !(other.len() > parent.len() && other.starts_with(parent))
                    });
                }
                removed
            }
        };
        if changed {
            return true;
        }
    }
}

fn at<'a>(root: &'a mut Value, place: &[Step]) -> Option<&'a mut Value> {
    place.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

/// What a value looks like from outside: its type, and of an object the types of its fields. Two that
/// look the same fail to decode for the same reason.
fn shape(value: &Value) -> String {
    let kind = |value: &Value| match value {
        Value::Null => 'n',
        Value::Bool(_) => 'b',
        Value::Number(_) => '0',
        Value::String(_) => 's',
        Value::Array(_) => '[',
        Value::Object(_) => '{',
    };
    let mut shape = kind(value).to_string();
    if let Value::Object(map) = value {
        for (key, inner) in map {
            shape.push_str(key);
            shape.push(kind(inner));
        }
    }
    shape
}

/// Changes the value at a place, and those that look the same at the same place of other entries.
fn change(
    root: &mut Value,
    place: &[Step],
    alike: &str,
    by: &mut impl FnMut(&mut Value) -> bool,
) -> bool {
    let mut changed = false;
    every(root, place, &mut |value| {
        changed |= shape(value) == alike && by(value);
    });
    changed
}

/// A number or a truth value where a text is wanted, and the other way round.
fn convert(value: &mut Value, wants_bool: bool) -> bool {
    let converted = match &*value {
        Value::Number(number) if wants_bool => match number.as_f64() {
            Some(1.0) => Value::Bool(true),
            Some(0.0) => Value::Bool(false),
            _ => return false,
        },
        Value::Number(number) => Value::from(number.to_string()),
        Value::Bool(truth) => Value::from(truth.to_string()),
        Value::String(text) if wants_bool => match text.as_str() {
            "true" | "True" | "1" => Value::Bool(true),
            "false" | "False" | "0" => Value::Bool(false),
            _ => return false,
        },
        _ => return false,
    };
    *value = converted;
    true
}

/// Takes out the value at a place, and those that look the same at the same place of other entries.
fn remove(root: &mut Value, place: &[Step], alike: &str) -> bool {
    let Some((last, parent)) = place.split_last() else {
        return false;
    };
    let mut removed = false;
    every(root, parent, &mut |holder| match (holder, last) {
        (Value::Object(map), Step::Key(key))
            if map.get(key).is_some_and(|value| shape(value) == alike) =>
        {
            removed |= map.remove(key).is_some();
        }
        (Value::Array(entries), Step::Index(_)) => {
            let before = entries.len();
            entries.retain(|entry| shape(entry) != alike);
            removed |= entries.len() < before;
        }
        _ => {}
    });
    removed
}

/// Visits the value at a place, and those at the same place of other entries.
fn every(root: &mut Value, place: &[Step], visit: &mut impl FnMut(&mut Value)) {
    let Some((step, rest)) = place.split_first() else {
        visit(root);
        return;
    };
    match (step, root) {
        (Step::Key(key), Value::Object(map)) => {
            if let Some(value) = map.get_mut(key) {
                every(value, rest, visit);
            }
        }
        (Step::Index(_), Value::Array(entries)) => {
            for entry in entries {
                every(entry, rest, visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATIONS;
    use crate::types::{Call, CallList, CallStatus, Transcript};

    fn read<T: DeserializeOwned>(id: &str, body: &str) -> Result<T, Error> {
        let operation = OPERATIONS.iter().find(|o| o.id == id).unwrap();
        repair(operation, body.as_bytes())
    }

    #[test]
    fn an_odd_value_costs_nothing_else() {
        let call: Call = read(
            "calls_get",
            r#"{"call_id": 7, "status": "success", "highlights": {"a": 1}, "next_steps": 5,
                "duration_seconds": 1e400, "metadata": "none", "submission": {"is_urgent": "true",
                "party_size": [], "additional_instructions": ["a", null, 3]}, "unknown": -1e999}"#,
        )
        .unwrap();
        assert_eq!(call.call_id, "7");
        assert_eq!(call.status, CallStatus::Success);
        assert_eq!(call.highlights, None);
        assert_eq!(call.next_steps.unwrap(), "5");
        assert!(!call.duration_seconds.unwrap().is_number());
        assert!(call.metadata.is_none());
        let submission = call.submission.unwrap();
        assert_eq!(submission.is_urgent, Some(true));
        assert_eq!(submission.additional_instructions.unwrap().len(), 2);
        assert_eq!(call.extra.get("unknown").unwrap().value(), "-1e999");
    }

    #[test]
    fn an_odd_entry_does_not_cost_the_list() {
        let list: CallList = read(
            "calls_list",
            r#"{"calls": [{"call_id": "a", "status": "success"}, {"status": "busy"}, 5, null,
                {"call_id": "b", "status": null}, {"call_id": "c", "status": "busy"}]}"#,
        )
        .unwrap();
        let ids: Vec<_> = list.calls.unwrap().into_iter().map(|c| c.call_id).collect();
        assert_eq!(ids, ["a", "c"]);
    }

    #[test]
    fn bare_lists_and_strings() {
        let list: CallList = read("calls_list", r#"[{"call_id": "a", "status": "busy"}]"#).unwrap();
        assert_eq!(list.calls.unwrap().len(), 1);
        let transcript: Transcript = read(
            "calls_transcript",
            r#"["hello", {"role": "AI", "text": "hi"}]"#,
        )
        .unwrap();
        let entries = transcript.entries.unwrap();
        assert_eq!(entries[0].content.as_deref(), Some("hello"));
        assert_eq!(entries[1].text.as_deref(), Some("hi"));
        let aliased: Transcript = read("calls_transcript", r#"{"transcript": ["hello"]}"#).unwrap();
        assert_eq!(
            aliased.transcript.unwrap()[0].content.as_deref(),
            Some("hello")
        );
    }

    #[test]
    fn what_was_not_asked_for_is_an_error() {
        for body in [
            "",
            "null",
            "{}",
            "[]",
            "5",
            "\"text\"",
            "<html>",
            "{\"error\": \"no\"}",
            "{\"call_id\": {}}",
            "{\"call_id\"",
            &"[".repeat(100_000),
            &format!(
                "{{\"call_id\": \"a\", \"status\": \"b\", \"x\": {}",
                "[".repeat(200)
            ),
        ] {
            let error = read::<Call>("calls_get", body).unwrap_err();
            assert!(error.is_decode(), "{body}");
        }
    }

    #[test]
    fn an_empty_answer_is_enough_where_nothing_is_required() {
        for body in ["", "  ", "null", "{}"] {
            read::<crate::types::Acknowledgement>("calls_cancel", body).unwrap();
        }
    }

    #[test]
    fn no_value_stands_in_the_error() {
        let body = r#"{"call_id": ["hunter2"], "status": "hunter2"}"#;
        let error = read::<Call>("calls_get", body).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_change_of_type_costs_nothing_however_long_the_list() {
        let entry = r#"{"speaker": "AI", "content": "hi", "timestamp": 1.5}"#;
        let body = format!("{{\"entries\": [{}]}}", vec![entry; 20_000].join(","));
        let transcript: Transcript = read("calls_transcript", &body).unwrap();
        let entries = transcript.entries.unwrap();
        assert_eq!(entries.len(), 20_000);
        assert!(
            entries
                .iter()
                .all(|e| e.timestamp.as_deref() == Some("1.5"))
        );
        let without_status = vec!["{\"call_id\": \"a\"}"; 20_000].join(",");
        let list: CallList =
            read("calls_list", &format!("{{\"calls\": [{without_status}]}}")).unwrap();
        assert_eq!(list.calls.unwrap().len(), 0);
    }

    #[test]
    fn truth_values_come_in_many_ways() {
        for (body, truth) in [
            ("1", true),
            ("0.0", false),
            ("\"true\"", true),
            ("\"0\"", false),
        ] {
            let body = format!("{{\"success\": {body}, \"channel\": \"telegram\"}}");
            let answer: crate::types::ChannelDisconnection =
                read("channels_disconnect", &body).unwrap();
            assert_eq!(answer.success, truth, "{body}");
        }
    }

    #[test]
    fn a_thousand_ways_to_be_odd_end() {
        let entries: Vec<String> = (0..100_000)
            .map(|n| format!("{{\"call_id\": \"a\", \"key{n}\": 1}}"))
            .collect();
        let body = format!("{{\"calls\": [{}]}}", entries.join(","));
        assert!(
            read::<CallList>("calls_list", &body)
                .unwrap_err()
                .is_decode()
        );
    }

    #[test]
    fn what_is_hardly_json_is_read() {
        for (odd, expected) in [
            ("NaN", None),
            ("-Infinity", None),
            ("1e400", None),
            ("2", Some(2.0)),
        ] {
            let body = format!(
                "\u{feff}{{\"call_id\": \"a\", \"status\": \"busy\", \"credits_used\": {odd}, \
                 \"highlights\": \"NaN \\ud83d -Infinity \\ud83d\\ude00\", \"x\": {}{}}}",
                "[".repeat(140),
                "]".repeat(140),
            );
            let call: Call = read("calls_get", &body).unwrap();
            assert_eq!(call.credits_used.unwrap().to_f64(), expected);
            assert_eq!(call.highlights.unwrap(), "NaN \u{fffd} -Infinity \u{1f600}");
        }
        let mut bytes = br#"{"call_id": "a", "status": "busy", "next_steps": "x"}"#.to_vec();
        let at = bytes.iter().rposition(|b| *b == b'x').unwrap();
        bytes[at] = 0xff;
        let operation = OPERATIONS.iter().find(|o| o.id == "calls_get").unwrap();
        let call: Call = repair(operation, &bytes).unwrap();
        assert_eq!(call.next_steps.unwrap(), "\u{fffd}");
    }

    #[test]
    fn other_lists_of_texts_stay_as_they_are() {
        let transcript: Transcript =
            read("calls_transcript", r#"{"entries": ["hi"], "tags": ["a"]}"#).unwrap();
        assert_eq!(transcript.extra["tags"].value(), &json!(["a"]));
    }
}
