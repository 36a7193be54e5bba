//! What becomes of a struct.

#![allow(clippy::unwrap_used)]

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use kallyai_sdk::CallTask;
use kallyai_sdk::call_task::{FieldKind as K, TaskField, TaskRole as R};
use kallyai_sdk::phone::E164;
use kallyai_sdk::types::{CallRequest, Language, TaskCategory, TimeOfDay};
use serde::Deserialize;
use serde_json::{Value, json};

/// Books a table.
///
/// And nothing else.
#[derive(CallTask, Deserialize, Clone)]
#[call(
    category = "restaurant",
    task = "Reserve a {kind} table for {party_size} on {date} at {time} {{please}}"
)]
struct Table {
    /// The number of the restaurant.
    #[call(phone)]
    phone: String,
    #[call(business_name)]
    place: Option<String>,
    #[call(user_name)]
    guest: String,
    #[call(user_phone)]
    guest_phone: Option<E164>,
    /// How many will come,
    ///   children included.
    #[call(party_size)]
    party_size: u64,
    #[call(date)]
    date: NaiveDate,
    #[call(time)]
    time: NaiveTime,
    #[call(time_preference)]
    about: Option<String>,
    #[call(timezone)]
    zone: Option<String>,
    #[call(language)]
    language: Option<Language>,
    #[call(call_language)]
    spoken: Option<String>,
    #[call(urgent)]
    urgent: Option<bool>,
    #[call(instruction)]
    wish: Option<String>,
    #[call(instructions)]
    #[serde(default)]
    wishes: Vec<String>,
    #[call(session_id)]
    session: Option<String>,
    kind: String,
    #[call(skip)]
    #[serde(skip)]
    #[allow(dead_code)]
    id: u64,
}

fn least() -> Value {
    json!({
        "phone": "+12025550199", "guest": "Ada", "party_size": 4, "date": "2026-02-14",
        "time": "20:00", "kind": "quiet",
    })
}

fn most() -> Value {
    let mut value = least();
    let more = json!({
        "place": "Italian Bistro", "guest_phone": "+12025550198", "about": "after 5pm",
        "zone": "America/New_York", "language": "en", "spoken": "es", "urgent": false,
        "wish": "by the window", "wishes": ["no smoke", "a high chair"], "session": "s_1",
    });
    let (Value::Object(all), Value::Object(more)) = (&mut value, more) else {
        unreachable!()
    };
    all.extend(more);
    value
}

fn table(value: Value) -> Table {
    serde_json::from_value(value).unwrap()
}

#[test]
fn every_role_goes_where_it_belongs() {
    let request = table(most()).to_call_request().unwrap();
    assert_eq!(
        serde_json::to_value(request).unwrap(),
        json!({
            "submission": {
                "task_category": "restaurant",
                "task_description": "Reserve a quiet table for 4 on 2026-02-14 at 20:00 {please}",
                "respondent_phone": "+12025550199",
                "business_name": "Italian Bistro",
                "user_name": "Ada",
                "user_phone": "+12025550198",
                "appointment_date": "2026-02-14",
                "appointment_time": "20:00",
                "time_preference_text": "after 5pm",
                "party_size": 4,
                "language": "en",
                "call_language": "es",
                "is_urgent": false,
                "additional_instructions": ["by the window", "no smoke", "a high chair"],
            },
            "timezone": "America/New_York",
            "session_id": "s_1",
        })
    );
}

#[test]
fn what_is_not_given_is_not_sent() {
    let mut request = serde_json::to_value(table(least()).to_call_request().unwrap()).unwrap();
    let zone = request["timezone"].take();
    let plain = CallRequest::restaurant("+12025550199".parse().unwrap(), "What to do then");
    assert_eq!(zone, plain.timezone);
    assert_eq!(
        request,
        json!({
            "submission": {
                "task_category": "restaurant",
                "task_description": "Reserve a quiet table for 4 on 2026-02-14 at 20:00 {please}",
                "respondent_phone": "+12025550199",
                "user_name": "Ada",
                "appointment_date": "2026-02-14",
                "appointment_time": "20:00",
                "party_size": 4,
            },
            "timezone": null,
        })
    );
}

#[test]
fn converts() {
    let given = table(least());
    let by_reference = CallRequest::try_from(&given).unwrap();
    let by_value = CallRequest::try_from(given).unwrap();
    assert_eq!(
        by_value.submission.task_description,
        by_reference.submission.task_description
    );
}

#[test]
fn braces_in_values_are_only_text() {
    let mut given = table(least());
    given.kind = "{party_size}}{{".to_owned();
    let request = given.to_call_request().unwrap();
    assert!(
        request
            .submission
            .task_description
            .starts_with("Reserve a {party_size}}{{ table for 4 ")
    );
}

#[test]
fn problems_are_told_together_and_show_no_value() {
    let mut given = table(least());
    given.phone = "(202) 555-0199".to_owned();
    let error = given.to_call_request().unwrap_err();
    assert!(error.is_invalid_input());
    assert_eq!(error.field(), Some("phone"));
    assert_eq!(
        error.to_string(),
        "phone: the phone number does not start with +; write it in E.164, like +12025550199"
    );

    given.party_size = u64::from(u32::MAX) + 1;
    let error = given.to_call_request().unwrap_err();
    assert_eq!(error.field(), Some("phone"));
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("; party_size: more people than can be counted"),
        "{shown}"
    );
    for value in ["555-0199", "4294967296"] {
        assert!(!shown.contains(value), "{shown}");
    }
}

#[test]
fn what_tools_are_told() {
    assert_eq!(Table::CATEGORY, TaskCategory::Restaurant);
    assert_eq!(
        Table::TEMPLATE,
        "Reserve a {kind} table for {party_size} on {date} at {time} {{please}}"
    );
    assert_eq!(Table::DOC, "Books a table.\n\nAnd nothing else.");

    let must = TaskField::new;
    let may = |name, role, kind| TaskField::new(name, role, kind).optional();
    let expected = [
        must("phone", R::Phone, K::Phone).doc("The number of the restaurant."),
        may("place", R::BusinessName, K::String),
        must("guest", R::UserName, K::String),
        may("guest_phone", R::UserPhone, K::Phone),
        must("party_size", R::PartySize, K::Integer)
            .doc("How many will come,\n  children included."),
        must("date", R::Date, K::Date),
        must("time", R::Time, K::Time),
        may("about", R::TimePreference, K::String),
        may("zone", R::Timezone, K::String),
        may("language", R::Language, K::String),
        may("spoken", R::CallLanguage, K::String),
        may("urgent", R::Urgent, K::Bool),
        may("wish", R::Instruction, K::String),
        must("wishes", R::Instructions, K::Strings),
        may("session", R::SessionId, K::String),
        must("kind", R::Task, K::String),
    ];
    assert_eq!(Table::fields(), expected);
}

#[derive(CallTask)]
#[call(
    category = "clinic",
    task = "Ask {what} {whole} {part} {yes} {day} {clock} {number}"
)]
struct Kinds {
    #[call(phone)]
    r#type: &'static str,
    what: std::sync::Arc<str>,
    whole: i8,
    part: f64,
    yes: bool,
    day: NaiveDate,
    clock: TimeOfDay,
    number: E164,
}

#[derive(CallTask)]
#[call(category = "hotel", task = "Call the number {type} again")]
struct Raw {
    #[call(phone)]
    r#type: E164,
}

#[test]
fn kinds_of_fields_without_a_role() {
    let number: E164 = "+12025550199".parse().unwrap();
    let kinds = Kinds {
        r#type: "+12025550199",
        what: "why".into(),
        whole: -1,
        part: 0.5,
        yes: true,
        day: NaiveDate::from_ymd_opt(2026, 2, 14).unwrap(),
        clock: "20:00".parse().unwrap(),
        number,
    };
    let request = kinds.to_call_request().unwrap();
    assert_eq!(
        request.submission.task_description,
        "Ask why -1 0.5 true 2026-02-14 20:00 +12025550199"
    );
    assert_eq!(Kinds::CATEGORY, TaskCategory::Clinic);
    let of: Vec<K> = Kinds::fields().iter().map(|field| field.kind).collect();
    assert_eq!(
        of,
        [
            K::Phone,
            K::String,
            K::Integer,
            K::Number,
            K::Bool,
            K::Date,
            K::Time,
            K::Phone
        ]
    );

    let request = Raw { r#type: number }.to_call_request().unwrap();
    assert_eq!(
        request.submission.task_description,
        "Call the number +12025550199 again"
    );
    assert_eq!(Raw::CATEGORY, TaskCategory::Hotel);
    assert_eq!(Raw::fields()[0].name, "type");
}

/// A Display that fails.
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

#[derive(CallTask)]
#[call(category = "general", task = "Ask for {what}")]
struct Failing {
    #[call(phone)]
    phone: E164,
    what: Broken,
}

#[test]
fn a_display_that_fails_is_an_error() {
    let failing = Failing {
        phone: "+12025550199".parse().unwrap(),
        what: Broken,
    };
    let error = failing.to_call_request().unwrap_err();
    assert_eq!(error.field(), Some("what"));
    assert_eq!(Failing::CATEGORY, TaskCategory::General);
}

/// Names of the prelude may mean something else where the struct stands, or nothing.
mod bare {
    #![no_implicit_prelude]

    #[derive(::kallyai_sdk::CallTask)]
    #[call(task = "Reserve a table, {who} comes at {at}", category = "restaurant")]
    pub(super) struct Task {
        #[call(phone)]
        pub(super) phone: &'static str,
        #[call(user_name)]
        pub(super) who: &'static str,
        #[call(user_phone)]
        pub(super) back: ::std::option::Option<&'static str>,
        #[call(date)]
        pub(super) on: ::std::option::Option<::chrono::NaiveDate>,
        #[call(time)]
        pub(super) at: ::kallyai_sdk::types::TimeOfDay,
    }
}

#[test]
fn without_the_prelude() {
    let task = bare::Task {
        phone: "+12025550199",
        who: "Ada",
        back: Some("home"),
        on: None,
        at: "20:00".parse().unwrap(),
    };
    let error = task.to_call_request().unwrap_err();
    assert_eq!(error.field(), Some("back"));
    let task = bare::Task { back: None, ..task };
    let request = task.to_call_request().unwrap();
    assert_eq!(
        request.submission.task_description,
        "Reserve a table, Ada comes at 20:00"
    );
}
