//! Reads answers that do not decode straight away.
//!
//! A straight decode takes unknown enum values, unknown fields and every way to write a number. When
//! it fails, this is tried: a bare list becomes the field that it stands for, a value of the wrong
//! type is converted where that is safe, and what remains odd is left out, the smallest piece that
//! lets the rest decode. It only runs after a failure, so it costs the usual answer nothing.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::{Path, Segment};

use crate::error::Error;
use crate::index::Operation;

/// How many odd values are mended in one answer.
const MOST_REPAIRS: usize = 1000;

/// Decodes a body in which something is odd.
pub(crate) fn repair<T: DeserializeOwned>(
    operation: &'static Operation,
    body: &[u8],
) -> Result<T, Error> {
    let mut value = if body.trim_ascii().is_empty() {
        json!({})
    } else {
        parse(body).ok_or_else(|| Error::decode("the answer is no JSON", body))?
    };
    unwrap_bare(&mut value, operation);
    let mut tried = HashMap::new();
    for repairs in 0..MOST_REPAIRS {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(answer) => {
                if repairs > 0 {
                    tracing::warn!(operation = operation.id, repairs, "odd values in an answer");
                }
                return Ok(answer);
            }
            Err(error) => error,
        };
        let place = steps(error.path());
        if !mend(&mut value, place, &mut tried) {
            // serde's message can repeat the value: the place has to do.
            let place = error.path().to_string();
            return Err(Error::decode(
                format!("the answer is not what was asked for, at `{place}`"),
                body,
            ));
        }
    }
    Err(Error::decode("too much of the answer is odd", body))
}

/// JSON, numbers beyond all measure as strings.
fn parse(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(body)
        .or_else(|_| serde_json::from_slice(&quote_huge_numbers(body)))
        .ok()
}

/// Puts numbers that no `f64` can hold (1e400) in quotes.
fn quote_huge_numbers(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 16);
    let mut rest = body;
    let mut in_string = false;
    while let Some((&byte, tail)) = rest.split_first() {
        if in_string {
            out.push(byte);
            rest = tail;
            if byte == b'\\' {
                if let Some((&escaped, tail)) = rest.split_first() {
                    out.push(escaped);
                    rest = tail;
                }
            } else if byte == b'"' {
                in_string = false;
            }
        } else if byte == b'-' || byte.is_ascii_digit() {
            let length = rest
                .iter()
                .take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'))
                .count();
            let (number, tail) = rest.split_at(length);
            let huge = std::str::from_utf8(number)
                .ok()
                .and_then(|text| text.parse::<f64>().ok())
                .is_some_and(f64::is_infinite);
            if huge {
                out.push(b'"');
                out.extend_from_slice(number);
                out.push(b'"');
            } else {
                out.extend_from_slice(number);
            }
            rest = tail;
        } else {
            in_string = byte == b'"';
            out.push(byte);
            rest = tail;
        }
    }
    out
}

/// Puts what arrives bare into the field that the spec names for it.
fn unwrap_bare(value: &mut Value, operation: &Operation) {
    if value.is_null() {
        *value = json!({});
    }
    let Some(list) = operation.bare_list else {
        return;
    };
    if value.is_array() {
        *value = json!({ list: value.take() });
    }
    let Some(field) = operation.bare_item else {
        return;
    };
    // Two names for one list take the same entries.
    let lists = value.as_object_mut().into_iter().flatten();
    for entry in lists.filter_map(|(_, list)| list.as_array_mut()).flatten() {
        if entry.is_string() {
            *entry = json!({ field: entry.take() });
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
fn mend(root: &mut Value, mut place: Vec<Step>, tried: &mut HashMap<Vec<Step>, Mend>) -> bool {
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
        let changed = match next {
            Mend::Convert => at(root, &place).is_some_and(convert),
            Mend::Nullify => at(root, &place).is_some_and(|value| {
                let changed = !value.is_null();
                *value = Value::Null;
                changed
            }),
            Mend::Remove => remove(root, &place, tried),
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

/// A number or a truth value where a text is wanted, and the other way round.
fn convert(value: &mut Value) -> bool {
    let converted = match &*value {
        Value::Number(number) => Value::from(number.to_string()),
        Value::Bool(truth) => Value::from(truth.to_string()),
        Value::String(text) => match text.as_str() {
            "true" | "True" | "1" => Value::Bool(true),
            "false" | "False" | "0" => Value::Bool(false),
            _ => return false,
        },
        _ => return false,
    };
    *value = converted;
    true
}

fn remove(root: &mut Value, place: &[Step], tried: &mut HashMap<Vec<Step>, Mend>) -> bool {
    let Some((step, parent)) = place.split_last() else {
        return false;
    };
    match (at(root, parent), step) {
        (Some(Value::Object(map)), Step::Key(key)) => map.remove(key).is_some(),
        (Some(Value::Array(list)), Step::Index(index)) if *index < list.len() => {
            list.remove(*index);
            // The entries behind it have moved up: what was tried there was tried on others.
            tried.retain(|other, _| !(other.len() > parent.len() && other.starts_with(parent)));
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATIONS;
    use crate::types::{Call, CallList, CallStatus, CreditBalance, Transcript};

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
        let error = read::<CreditBalance>(
            "credits_balance",
            r#"{"canary": "hunter2", "plan_type": []}"#,
        );
        if let Err(error) = error {
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn thousands_of_odd_values_end() {
        let entries = vec!["{\"call_id\": 1}"; 5000].join(",");
        let error = read::<CallList>("calls_list", &format!("{{\"calls\": [{entries}]}}"));
        assert!(error.is_err());
    }
}
