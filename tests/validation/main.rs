//! What is wrong with a request is told before anything is sent: every constraint of the spec is violated in
//! turn, and the field must be named.

mod violations;

use std::collections::{BTreeMap, BTreeSet};

use kallyai_openapi::{Operation, Spec};
use kallyai_sdk::types::{CallRequest, PlanChangeRequest};
use kallyai_sdk::types::{CallReschedule, CreateOutreachTask, Language, MarkReadRequest};
use kallyai_sdk::{Client, Error, ErrorCode, ErrorKind, Problem, WasSent};
use kallyai_tests::{CALLERS, CODECS, PARAMETERS, RawServer};
use serde_json::Value;
use violations::{Violation, of_request, of_value, set};

fn spec() -> Spec {
    Spec::load().expect("the spec merges")
}

fn body_of(spec: &Spec, operation: &Operation) -> Value {
    operation.request.as_deref().map_or(Value::Null, |name| {
        spec.document()["components"]["schemas"][name]["example"].clone()
    })
}

fn client(server: &RawServer) -> Client {
    Client::builder()
        .base_url(server.base_url())
        .access_token("token")
        .build()
        .unwrap()
}

fn fields(error: &Error) -> BTreeSet<&str> {
    error.problems().iter().map(Problem::field).collect()
}

/// An error of a request that is not valid says so, names no secret, and was not sent.
fn is_told(error: &Error, id: &str, field: &str) {
    assert!(error.is_invalid_input(), "{id} {field}: {error}");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.was_sent(), WasSent::No);
    assert_eq!(error.operation().unwrap().id, id);
    let shown = format!("{error} {error:?} {:?}", error.problems());
    assert!(error.to_string().contains(field), "{id} {field}: {error}");
    assert!(!shown.contains(violations::CANARY), "{id} {field}: {shown}");
}

#[tokio::test]
async fn every_example_is_valid() {
    let spec = spec();
    let server = RawServer::json("418 Teapot", "{}").await;
    for operation in spec.operations() {
        let id = operation.id.as_str();
        let (_, caller) = CALLERS.iter().find(|(caller, _)| *caller == id).unwrap();
        let error = caller(client(&server), body_of(&spec, &operation))
            .await
            .unwrap_err();
        assert_eq!(error.problems(), [], "{id}: {error}");
        assert_eq!(error.status().unwrap(), 418, "{id}: {error}");
    }
    assert_eq!(server.heard().len(), spec.operations().len());
}

/// All violations of all request bodies.
fn bodies(spec: &Spec) -> Vec<(Operation, Vec<Violation>)> {
    spec.operations()
        .into_iter()
        .filter_map(|operation| {
            let found = of_request(spec, operation.request.as_deref()?);
            Some((operation, found))
        })
        .collect()
}

#[tokio::test]
async fn every_constraint_of_a_body_is_checked() {
    let spec = spec();
    let server = RawServer::json("200 OK", "{}").await;
    let (mut by_check, mut by_type) = (0, 0);
    for (operation, found) in bodies(&spec) {
        let id = operation.id.as_str();
        let schema = operation.request.as_deref().unwrap();
        let (_, codec) = CODECS.iter().find(|(name, _)| *name == schema).unwrap();
        let (_, caller) = CALLERS.iter().find(|(caller, _)| *caller == id).unwrap();
        for violation in found {
            let field = &violation.field;
            for (value, is_fine) in [(&violation.wrong, false), (&violation.fine, true)] {
                let Some(value) = value else { continue };
                let mut body = body_of(&spec, &operation);
                set(&mut body, &violation.path, value.clone());
                if let Err(why) = codec(body.clone()) {
                    assert!(!is_fine && violation.by_type, "{id} {field}: {why}");
                    by_type += 1;
                    continue;
                }
                let before = server.heard().len();
                let result = caller(client(&server), body).await;
                if is_fine {
                    let problems = result.as_ref().err().map(Error::problems);
                    assert!(
                        problems.is_none_or(<[_]>::is_empty),
                        "{id} {field}: {problems:?}"
                    );
                    // A call whose answer says nothing is looked for besides.
                    assert!(server.heard().len() > before, "{id} {field}");
                    continue;
                }
                let error = result.expect_err(&format!("{id} {field}: {value}"));
                is_told(&error, id, field);
                assert_eq!(error.field(), Some(field.as_str()), "{id}: {error}");
                assert_eq!(error.problems().len(), 1, "{id}: {error}");
                assert_eq!(
                    error.code().map(ErrorCode::as_str),
                    violation.code.as_deref()
                );
                assert_eq!(
                    server.heard().len(),
                    before,
                    "{id} {field}: nothing is sent"
                );
                by_check += 1;
            }
        }
    }
    // A walk that finds nothing shows nothing.
    assert!(by_check >= 35, "{by_check}");
    assert!(by_type >= 15, "{by_type}");
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let spec = spec();
    let server = RawServer::json("200 OK", "{}").await;
    let mut several = 0;
    for (operation, found) in bodies(&spec) {
        let id = operation.id.as_str();
        let (_, caller) = CALLERS.iter().find(|(caller, _)| *caller == id).unwrap();
        let mut body = body_of(&spec, &operation);
        let mut expected = BTreeMap::new();
        // One violation a field; of a list either the list or an entry.
        for violation in found.into_iter().filter(|v| !v.by_type && !v.alone) {
            if let Some(wrong) = violation.wrong
                && expected.insert(violation.field, ()).is_none()
            {
                set(&mut body, &violation.path, wrong);
            }
        }
        if expected.is_empty() {
            continue;
        }
        let error = caller(client(&server), body).await.unwrap_err();
        let expected: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
        assert_eq!(fields(&error), expected, "{id}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
        for field in &expected {
            is_told(&error, id, field);
        }
        several += usize::from(expected.len() > 1);
    }
    assert!(several >= 2, "{several}");
    assert!(server.heard().is_empty());
}

#[test]
fn every_constraint_of_a_parameter_is_checked() {
    let spec = spec();
    let client = Client::new("token").unwrap();
    let (mut by_check, mut by_type) = (0, 0);
    for operation in spec.operations() {
        let id = operation.id.as_str();
        for parameter in spec.parameters(id) {
            let name = parameter["name"].as_str().unwrap().to_lowercase();
            let name = name.replace('-', "_");
            let row = PARAMETERS.iter().find(|row| row.0 == id && row.1 == name);
            let (_, _, checker) = row.unwrap_or_else(|| panic!("{id} has no {name}"));
            let check = |value: &Value| checker(&client, body_of(&spec, &operation), value.clone());
            check(&parameter["example"]).unwrap().unwrap();
            for violation in of_value(&spec, &parameter["schema"], &name, false) {
                if let Some(fine) = &violation.fine {
                    check(fine)
                        .unwrap()
                        .unwrap_or_else(|e| panic!("{id} {name}: {e}"));
                }
                let Some(wrong) = &violation.wrong else {
                    continue;
                };
                match check(wrong) {
                    Err(why) => {
                        assert!(violation.by_type, "{id} {name}: {why}");
                        by_type += 1;
                    }
                    Ok(checked) => {
                        let error = checked.expect_err(&format!("{id} {name}: {wrong}"));
                        is_told(&error, id, &name);
                        assert_eq!(error.field(), Some(name.as_str()), "{id}");
                        by_check += 1;
                    }
                }
            }
        }
    }
    assert!(by_check >= 60, "{by_check}");
    assert!(by_type >= 3, "{by_type}");
}

fn request() -> CallRequest {
    CallRequest::general("+12025550199".parse().unwrap(), "Ask when they open")
        .timezone("Europe/Madrid")
}

#[tokio::test]
async fn ids_keys_and_bodies_are_told_of_together() {
    let server = RawServer::json("200 OK", "{}").await;
    let body = request()
        .party_size(60)
        .timezone("Europe/Madird")
        .language(Language::from("fr"));
    let call = client(&server).calls().create(body).idempotency_key("a b");
    let error = call.check().unwrap_err();
    assert_eq!(
        fields(&error).into_iter().collect::<Vec<_>>(),
        [
            "idempotency_key",
            "submission.call_language",
            "submission.language",
            "submission.party_size",
            "timezone",
        ]
    );
    assert_eq!(error.code(), Some(&ErrorCode::UnsupportedLanguage));
    let shown = error.to_string();
    assert!(shown.contains("5 fields are not valid: "), "{shown}");
    assert!(
        shown.contains("submission.party_size: 60 is not in 1..=50; "),
        "{shown}"
    );
    assert!(
        shown.contains("timezone: Europe/Madird is no IANA time zone"),
        "{shown}"
    );
    let sent = call.await.unwrap_err();
    assert_eq!(sent.problems(), error.problems());

    let moved = client(&server).calls().reschedule(
        "..",
        CallReschedule::new().date("2020-02-29".parse::<chrono::NaiveDate>().unwrap()),
    );
    let error = moved.check().unwrap_err();
    let told: Vec<_> = error
        .problems()
        .iter()
        .map(|p| (p.field(), p.code()))
        .collect();
    assert_eq!(
        told,
        [
            ("call_id", None),
            ("date", Some(&ErrorCode::SchedulingViolation))
        ]
    );
    assert!(error.remedy().unwrap().contains("another time"));
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn entries_of_lists_are_named() {
    let server = RawServer::json("200 OK", "{}").await;
    let ids = ["a", "b", "c", "", "e", ""].map(str::to_owned).to_vec();
    let marked = client(&server)
        .messages()
        .mark_read(MarkReadRequest::new(ids));
    let error = marked.await.unwrap_err();
    let told: Vec<_> = error.problems().iter().map(Problem::field).collect();
    assert_eq!(told, ["message_ids[3]", "message_ids[5]"]);
    assert!(server.heard().is_empty());
}

#[test]
fn alternatives_are_told_by_what_is_missing() {
    let client = Client::new("token").unwrap();
    let told = |task: CreateOutreachTask| {
        let error = client.outreach().create_task(task).check().err();
        error.map(|e| {
            e.problems()
                .iter()
                .map(|p| p.field().to_owned())
                .collect::<Vec<_>>()
        })
    };
    let fields = |names: &[&str]| Some(names.iter().map(|n| (*n).to_owned()).collect());
    let new = CreateOutreachTask::new;
    assert_eq!(told(new()), fields(&["goal", "recipient_identifier"]));
    assert_eq!(told(new().goal("Ask")), fields(&["recipient_identifier"]));
    assert_eq!(
        told(new().target("+12025550199").description("Ask")),
        fields(&["channel"])
    );
    assert_eq!(
        told(new().goal("Ask").recipient_identifier("ada@example.com")),
        None
    );
    assert_eq!(
        told(
            new()
                .extra_field("goal", "Ask")
                .recipient_identifier("+12025550199")
        ),
        None
    );

    let plan = client.subscription().change_plan(PlanChangeRequest::new());
    assert_eq!(plan.check().unwrap_err().field(), Some("new_plan"));
}

#[test]
fn what_stands_as_an_extra_field_is_not_checked_and_not_sent_twice() {
    let client = Client::new("token").unwrap();
    let big = request().submit(|s| s.extra_field("party_size", 60));
    client.calls().create(big).check().unwrap();
    let mut twice = request().submit(|s| s.extra_field("party_size", 60));
    twice.submission.party_size = Some(4);
    let error = client.calls().create(twice).check().unwrap_err();
    assert_eq!(error.field(), Some("submission.party_size"));
}

#[test]
fn tomorrow_is_fine_and_yesterday_is_not() {
    let client = Client::new("token").unwrap();
    let today = chrono::Utc::now().date_naive();
    let on = |days: i64| {
        let date = today + chrono::TimeDelta::days(days);
        let body = request().appointment(date, "12:00".parse().unwrap());
        client.calls().create(body).check()
    };
    on(2).unwrap();
    let error = on(-2).unwrap_err();
    assert_eq!(error.field(), Some("submission.appointment_date"));
    assert_eq!(error.code(), Some(&ErrorCode::SchedulingViolation));
}
