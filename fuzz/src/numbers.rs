//! Numbers and times as they arrive: JSON of any kind, and texts.

use kallyai_sdk::types::{Decimal, LocalDateTime, PhoneText, TimeOfDay, Timestamp};
use serde_json::Value;

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        as_texts(text);
    }
    let Ok(value) = serde_json::from_slice::<Value>(input) else {
        return;
    };
    let list = match &value {
        Value::Array(list) => list.clone(),
        _ => vec![value.clone()],
    };
    let numbers: Vec<Decimal> = list
        .into_iter()
        .map(|value| {
            let number: Decimal = serde_json::from_value(value.clone()).expect("all that is JSON");
            let straight: Decimal =
                serde_json::from_str(&value.to_string()).expect("all that is JSON");
            assert_eq!(serde_json::to_value(&number).ok(), Some(value));
            assert_eq!(number, straight);
            number
        })
        .collect();
    for number in &numbers {
        alone(number);
        for other in &numbers {
            together(number, other);
        }
    }
}

fn alone(number: &Decimal) {
    let shown = format!("{number} {number:?}");
    if number.is_number() {
        assert_eq!(
            number.to_string().parse::<Decimal>().as_ref(),
            Ok(number),
            "{shown}"
        );
        assert!(number.to_f64().is_some(), "{shown}");
        assert_eq!(number.partial_cmp(number), Some(std::cmp::Ordering::Equal));
    } else {
        assert_eq!(number.to_i64(), None, "{shown}");
        assert_eq!(number.to_string(), "?");
    }
    assert_eq!(number, &number.clone());
}

fn together(one: &Decimal, other: &Decimal) {
    let ordered = one.partial_cmp(other);
    assert_eq!(
        other.partial_cmp(one),
        ordered.map(std::cmp::Ordering::reverse)
    );
    if one.is_number() && other.is_number() {
        assert_eq!(one == other, ordered == Some(std::cmp::Ordering::Equal));
    }
    let sum = one.checked_add(other);
    assert_eq!(sum, other.checked_add(one));
    for made in [sum, one.checked_sub(other)].into_iter().flatten() {
        assert!(made.is_number());
        let text = serde_json::to_string(&made).expect("a number is JSON");
        let again: Decimal = serde_json::from_str(&text).expect("a number comes back");
        assert_eq!(again, made, "{text}");
    }
}

fn as_texts(text: &str) {
    if let Ok(number) = text.parse::<Decimal>() {
        assert!(number.is_number());
        assert_eq!(number.to_string().parse(), Ok(number));
    }
    if let Ok(time) = text.parse::<TimeOfDay>() {
        assert_eq!(time.to_string().parse(), Ok(time));
    }
    if let Ok(time) = text.parse::<LocalDateTime>() {
        assert_eq!(time.to_string().parse(), Ok(time));
    }
    let json = Value::from(text);
    if let Ok(time) = serde_json::from_value::<Timestamp>(json.clone()) {
        let _ = format!("{time:?}");
        let again = serde_json::to_value(&time).expect("a time is JSON");
        assert_eq!(again, json);
    }
    if let Ok(phone) = serde_json::from_value::<PhoneText>(json) {
        let shown = format!("PhoneText({} bytes)", text.len());
        assert_eq!(format!("{phone:?}"), shown);
    }
}
