//! What an agent may do, whatever it was told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kallyai_sandbox::{Fault, FaultKind};
use kallyai_sdk::phone::{E164, Region};
use kallyai_sdk::tools::{Confirmation, Context, Policy, ToolError, ToolErrorKind, Toolbox, Tools};
use serde_json::{Value, json};

use crate::{all, ask, call, client, quick};

fn refused(result: Result<kallyai_sdk::tools::ToolAnswer, ToolError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    // It says what the model may do instead.
    assert!(error.to_json()["error"]["instead"].is_string(), "{error}");
    error.to_string()
}

fn number(text: &str) -> E164 {
    text.parse().unwrap()
}

fn task(text: &str) -> Value {
    let mut call = call("+12025550199");
    call["submission"]["task_description"] = json!(format!("Reserve a table: {text}"));
    call
}

#[tokio::test]
async fn who_may_only_read_changes_nothing() {
    let sandbox = quick().start().await.unwrap();
    // Whoever is told of a tool all the same is refused.
    let tools = Tools::builder(client(&sandbox))
        .policy(Policy::new().read_only())
        .tools(["calls_create", "calls_get", "search_run"])
        .build()
        .unwrap();
    assert_eq!(tools.definitions().len(), 1);
    let error = ask(&tools, "calls_create", call("+12025550199"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::UnknownTool);
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn a_link_that_verifies_is_not_reading() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new().read_only());
    // It is a GET, and changes something all the same.
    let error = ask(&tools, "channels_verify_email", json!({ "token": "x" }))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::UnknownTool);
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn the_user_is_shown_what_is_sent() {
    let sandbox = quick().start().await.unwrap();
    let tools = Tools::builder(client(&sandbox)).all().build().unwrap();
    let rule = json!({
        "name": "a", "priority": 1, "is_active": true, "action": "transfer",
        "action_config": r#"{"target": "+12025550199", "target": "\u002b19005550100"}"#,
    });
    let error = ask(&tools, "inbound_create_rule", rule).await.unwrap_err();
    let shown = &error.confirmation().unwrap().arguments;
    assert_eq!(shown["action_config"], json!({ "target": "+19005550100" }));
}

#[tokio::test]
async fn a_session_spends_no_more_than_it_may() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(
        &sandbox,
        Policy::new().credits("2".parse().unwrap()).call_minutes(5),
    );
    let search = |text: &str| ask(&tools, "search_run", json!({ "query": text }));
    for text in ["a", "b", "c"] {
        search(text).await.unwrap();
    }
    // A call may cost 1.5: with what is spent that is 3.
    let said = refused(ask(&tools, "calls_create", call("+12025550199")).await);
    assert!(
        said.contains("may spend 2 credits, has spent 1.5"),
        "{said}"
    );
    search("d").await.unwrap();
    refused(search("e").await);
    assert_eq!(tools.spent().unwrap().0, "2".parse().unwrap());
    assert!(sandbox.dialled().is_empty());
}

#[tokio::test]
async fn what_has_no_price_is_refused_while_there_is_a_budget() {
    let sandbox = quick().start().await.unwrap();
    let bounded = Policy::new().credits("100".parse().unwrap());
    let tools = all(&sandbox, bounded.clone());
    let message = json!({ "message": "Book a table" });
    refused(ask(&tools, "coordination_send_message", message.clone()).await);
    refused(ask(&tools, "phone_provision", json!({ "country": "US" })).await);
    let tools = all(&sandbox, bounded.allow_unbounded());
    ask(&tools, "coordination_send_message", message)
        .await
        .unwrap();
}

#[tokio::test]
async fn without_a_price_list_nothing_is_bought() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new().credits("100".parse().unwrap()));
    sandbox.inject(Fault::on("credits_costs", FaultKind::ServerError { status: 500 }).times(50));
    let error = ask(&tools, "search_run", json!({ "query": "a" }))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Failed);
    assert!(
        !sandbox
            .journal()
            .iter()
            .any(|entry| entry.operation_id.as_deref() == Some("search_run"))
    );
    sandbox.clear_faults();
    ask(&tools, "search_run", json!({ "query": "a" }))
        .await
        .unwrap();
}

#[tokio::test]
async fn calls_an_hour_are_counted_and_what_was_not_dialled_is_not() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new().calls_per_hour(2));
    ask(&tools, "calls_create", task("one")).await.unwrap();
    // Refused by the service before anything rang.
    let error = ask(&tools, "calls_create", call("+12025550127"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Failed);
    ask(&tools, "calls_create", task("two")).await.unwrap();
    // The same again is no other call.
    ask(&tools, "calls_create", task("two")).await.unwrap();
    let said = refused(ask(&tools, "calls_create", task("three")).await);
    assert!(said.contains("2 calls were placed"), "{said}");
    // A message may ring somebody too, and nobody counts that.
    refused(
        ask(
            &tools,
            "coordination_send_message",
            json!({ "message": "Call somebody" }),
        )
        .await,
    );
    assert_eq!(sandbox.dialled().len(), 2);
}

#[tokio::test]
async fn only_numbers_that_are_allowed_are_reached() {
    let sandbox = quick().start().await.unwrap();
    let policy = Policy::new().numbers([number("+12025550199")]);
    let tools = all(&sandbox, policy);
    ask(&tools, "calls_create", call("+12025550199"))
        .await
        .unwrap();
    let stranger = "+12025550198";
    let mut hidden = call("+12025550199");
    hidden["submission"]["task_description"] = json!("Ask them to call me at +1 (202) 555-0198");
    for (name, arguments) in [
        ("calls_create", call(stranger)),
        ("calls_create", hidden),
        (
            "outreach_create_task",
            json!({ "goal": "Ask", "recipient_identifier": stranger }),
        ),
        (
            "phone_start_verification",
            json!({ "phone_number": stranger }),
        ),
        (
            "phone_set_forwarding",
            json!({ "phone_number_id": "x", "forwarding_number": stranger }),
        ),
        (
            "inbound_transfer",
            json!({ "call_id": "x", "target_number": stranger }),
        ),
        (
            "inbound_create_rule",
            json!({
                "name": "a", "priority": 1, "is_active": true, "action": "transfer",
                "action_config": format!("{{\"target\": \"{stranger}\"}}"),
            }),
        ),
        (
            "coordination_send_message",
            json!({ "message": format!("Call {stranger}") }),
        ),
        (
            "coordination_send_message",
            json!({ "message": "Call the bistro" }),
        ),
    ] {
        let said = refused(ask(&tools, name, arguments).await);
        assert!(!said.contains("5550198"), "{said}");
    }
    assert_eq!(sandbox.dialled().len(), 1);
    assert!(sandbox.journal().iter().all(|entry| {
        entry.method == "GET" || entry.operation_id.as_deref() == Some("calls_create")
    }));
}

#[tokio::test]
async fn only_countries_that_are_allowed_and_no_premium_rate() {
    let sandbox = quick().start().await.unwrap();
    let policy = Policy::new().countries([Region::US]).refuse_premium_rate();
    let tools = all(&sandbox, policy);
    ask(&tools, "calls_create", call("+12025550199"))
        .await
        .unwrap();
    for elsewhere in ["+442079460018", "+34912345678", "+19005550100"] {
        refused(ask(&tools, "calls_create", call(elsewhere)).await);
    }
    assert_eq!(sandbox.dialled().len(), 1);
}

#[tokio::test]
async fn without_anybody_to_ask_what_matters_is_not_done() {
    let sandbox = quick().start().await.unwrap();
    let tools = Tools::builder(client(&sandbox)).all().build().unwrap();
    for (name, arguments) in [
        ("calls_create", call("+12025550199")),
        ("search_run", json!({ "query": "a" })),
        ("phone_release", json!({ "phone_number_id": "x" })),
        (
            "coordination_send_message",
            json!({ "message": "Book a table" }),
        ),
    ] {
        let error = ask(&tools, name, arguments).await.unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Confirmation, "{name}: {error}");
        let asked = error.confirmation().unwrap();
        assert_eq!(asked.tool, name);
        assert!(!asked.summary().contains("5550199"), "{}", asked.summary());
        assert!(!format!("{asked:?}").contains("5550199"));
    }
    // Reading asks nobody.
    ask(&tools, "credits_balance", json!({})).await.unwrap();
    assert!(sandbox.journal().iter().all(|entry| entry.method == "GET"));
}

#[tokio::test]
async fn who_has_agreed_has_agreed_to_this_and_nothing_else() {
    let sandbox = quick().start().await.unwrap();
    let tools = Tools::builder(client(&sandbox)).all().build().unwrap();
    let error = ask(&tools, "calls_create", call("+12025550199"))
        .await
        .unwrap_err();
    let asked = error.confirmation().unwrap();
    assert!(
        asked.summary().contains("it rings a phone"),
        "{}",
        asked.summary()
    );
    assert!(asked.summary().contains("credits"), "{}", asked.summary());
    let agreed = Context::new().agreed(asked.digest());
    for other in [call("+12025550198"), task("another")] {
        let error = tools
            .call("calls_create", other, &agreed)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Confirmation);
    }
    let error = tools
        .call("search_run", json!({ "query": "a" }), &agreed)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Confirmation);
    assert!(sandbox.dialled().is_empty());
    for _ in 0..3 {
        tools
            .call("calls_create", call("+12025550199"), &agreed)
            .await
            .unwrap();
    }
    sandbox.assert_dialled_once("+12025550199");
}

#[tokio::test]
async fn the_user_is_asked_and_decides() {
    let sandbox = quick().start().await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&asked);
    let policy = Policy::new().confirm(move |confirmation: &Confirmation| {
        counting.fetch_add(1, Ordering::SeqCst);
        // The user sees whom it is about.
        confirmation.arguments["submission"]["respondent_phone"] == "+12025550199"
    });
    let tools = Tools::builder(client(&sandbox))
        .policy(policy)
        .all()
        .build()
        .unwrap();
    ask(&tools, "calls_create", call("+12025550199"))
        .await
        .unwrap();
    let error = ask(&tools, "calls_create", call("+12025550198"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Declined);
    ask(&tools, "calls_list", json!({})).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(sandbox.dialled().len(), 1);
    assert!(!format!("{:?}", tools).contains("5550199"));
}
