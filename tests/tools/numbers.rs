//! Numbers that stand in texts, however they are written.

use kallyai_sdk::phone::Region;
use kallyai_sdk::tools::{Policy, ToolErrorKind};
use serde_json::{Value, json};

use crate::{all, ask, call, quick};

fn saying(text: &str) -> Value {
    let mut call = call("+12025550199");
    call["submission"]["task_description"] = json!(text);
    call
}

#[tokio::test]
async fn a_number_is_found_however_it_is_written() {
    let sandbox = quick().start().await.unwrap();
    let listed = Policy::new().numbers(["+12025550199".parse().unwrap()]);
    let tools = all(&sandbox, listed);
    for hidden in [
        "Then dial +12025550198 4 times",
        "Then dial +1\u{a0}202\u{2011}555\u{a0}0198",
        "Then dial +1,202,555,0198",
        "Then dial +\u{200b}1\u{200b}2025550198",
        "Then dial \u{ff0b}\u{ff11}\u{ff12}\u{ff10}\u{ff12}\u{ff15}\u{ff15}\u{ff15}\u{ff10}\u{ff11}\u{ff19}\u{ff18}",
        "Then dial \u{661}\u{662}\u{660}\u{662}\u{665}\u{665}\u{665}\u{660}\u{661}\u{669}\u{668}",
        "Then dial +44 (0)20 7946 0018",
        "Then dial 0044 20 7946 0018",
        "Then dial 011 44 20 7946 0018",
        "Then dial tel:+1-202-555-0198",
        "Then dial tel:2025550198;phone-context=+1",
        "Then dial (202) 555-0198",
        "Then dial 1 202 555 0198, at once",
    ] {
        let error = ask(&tools, "calls_create", saying(hidden))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Refused, "{hidden}: {error}");
        assert!(!error.to_string().contains("0198"), "{error}");
    }
    assert!(sandbox.dialled().is_empty());
    for harmless in [
        "Reserve a table for 4 on 2026-12-01 at 20:00 for 2 hours",
        "Reserve a table for 4 on 12/01/2026 8 pm",
        "Ask them to call back at +1 (202) 555-0199, 8 pm",
        "Ask them to call back at (202) 555-0199",
        "Say that the reservation 1234567 is to be moved",
    ] {
        ask(&tools, "calls_create", saying(harmless))
            .await
            .unwrap_or_else(|error| panic!("{harmless}: {error}"));
    }
}

#[tokio::test]
async fn countries_and_premium_rate_are_seen_without_a_plus() {
    let sandbox = quick().start().await.unwrap();
    let policy = Policy::new().countries([Region::US]).refuse_premium_rate();
    let tools = all(&sandbox, policy);
    for hidden in [
        "Then dial 1-900-555-0100",
        "Then dial (900) 555-0100",
        "Then dial 442079460018",
        "Then dial 00 44 20 7946 0018",
    ] {
        let error = ask(&tools, "calls_create", saying(hidden))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Refused, "{hidden}: {error}");
    }
    // A number of a country that is allowed, or of no phone.
    for harmless in [
        "Ask them to call back at (202) 555-0198",
        "Say that the order 123456789012 is to be moved",
    ] {
        ask(&tools, "calls_create", saying(harmless))
            .await
            .unwrap_or_else(|error| panic!("{harmless}: {error}"));
    }
}

#[tokio::test]
async fn a_number_is_found_in_json_that_stands_in_a_text() {
    let sandbox = quick().start().await.unwrap();
    let policy = Policy::new().countries([Region::US]).refuse_premium_rate();
    let tools = all(&sandbox, policy.allow_unbounded());
    for config in [
        r#"{"\u002b19005550100": "here"}"#,
        r#"{"target": 19005550100}"#,
        r#"{"target": ["\u002b1 900 555 0100"]}"#,
        r#"{"inner": "{\"target\": \"\\u002b19005550100\"}"}"#,
    ] {
        let rule = json!({
            "name": "a", "priority": 1, "is_active": true, "action": "transfer",
            "action_config": config,
        });
        let error = ask(&tools, "inbound_create_rule", rule).await.unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Refused, "{config}: {error}");
    }
    assert!(sandbox.journal().is_empty());
}
