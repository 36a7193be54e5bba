//! What requests are checked by before they are sent: formats and marks that only mean something when
//! they are written right.

use serde_json::{Map, Value};

use crate::lint::Report;
use crate::spec::RawOperation;

/// What a string can be. One that stands not here is checked by nobody.
const FORMATS: &[&str] = &[
    "date",
    "date-time",
    "email",
    "local-date-time",
    "password",
    "phone",
    "phone-or-email",
    "recipient",
    "time-of-day",
    "time-zone",
    "uri",
    "uuid",
];

/// The parts of `x-not-past`.
const NOT_PAST: &[&str] = &["date", "time", "timezone"];

/// A part of the document: its format, `x-closed` and `x-not-past`.
pub(super) fn node(report: &mut Report<'_>, map: &Map<String, Value>, pointer: &str) {
    if map.get("type").and_then(Value::as_str) == Some("string")
        && let Some(format) = map.get("format").and_then(Value::as_str)
        && !FORMATS.contains(&format)
    {
        report.add(pointer, format!("no such format: {format}"));
    }
    if let Some(code) = map.get("x-closed") {
        if map.get("enum").is_none() {
            report.add(pointer, "x-closed stands beside an enum");
        }
        let codes = report.spec.document().get("x-error-codes");
        let known = code
            .as_str()
            .is_some_and(|code| codes.is_some_and(|codes| codes.get(code).is_some()));
        if !known {
            report.add(
                pointer,
                format!("x-closed names no published error code: {code}"),
            );
        }
    }
    if let Some(fields) = map.get("x-not-past") {
        let Some(fields) = fields.as_object().filter(|f| f.contains_key("date")) else {
            report.add(pointer, "x-not-past names at least the field of the date");
            return;
        };
        for (part, path) in fields {
            if !NOT_PAST.contains(&part.as_str()) {
                report.add(pointer, format!("x-not-past has no {part}"));
            } else if !has_field(report, map, path.as_str().unwrap_or_default()) {
                report.add(pointer, format!("x-not-past names no field: {path}"));
            }
        }
    }
}

/// Whether a schema has a field, by its path: `submission.appointment_date`.
fn has_field(report: &Report<'_>, schema: &Map<String, Value>, path: &str) -> bool {
    let mut properties = schema.get("properties");
    let mut found = false;
    for name in path.split('.') {
        let Some(field) = properties.and_then(|p| p.get(name)) else {
            return false;
        };
        found = true;
        properties = report.spec.resolve(field).get("properties");
    }
    found
}

/// `x-price` names an entry of the published price list.
pub(super) fn price(report: &mut Report<'_>, raw: &RawOperation<'_>) {
    let Some(price) = raw.operation.get("x-price") else {
        return;
    };
    let list = report
        .spec
        .component("schemas", "CreditCosts")
        .and_then(|schema| schema.pointer("/example/costs"));
    let known = price
        .as_str()
        .is_some_and(|price| list.is_some_and(|list| list.get(price).is_some()));
    if !known {
        report.add(
            &raw.pointer,
            format!("x-price is not in the price list: {price}"),
        );
    }
    let spend = raw
        .operation
        .pointer("/x-effects/spend")
        .and_then(Value::as_str);
    if !matches!(spend, Some("fixed" | "metered")) {
        report.add(&raw.pointer, "what has a price costs: x-effects.spend");
    }
}
