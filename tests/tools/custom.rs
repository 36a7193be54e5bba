//! Tools from structs that describe calls.

use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;
use kallyai_sdk::tools::{Policy, ToolErrorKind, Toolbox, Tools, openai};
use serde::Deserialize;
use serde_json::json;

use crate::{ask, client, quick};

/// Reserves a table
/// at a restaurant.
#[derive(CallTask, Deserialize)]
#[call(category = "restaurant", task = "Reserve a table for {guests}")]
struct Table {
    #[call(phone)]
    restaurant: E164,
    /// How many come.
    #[call(party_size)]
    guests: u32,
    #[call(user_name)]
    name: Option<String>,
}

#[tokio::test]
async fn a_struct_is_a_tool() {
    let sandbox = quick().start().await.unwrap();
    let build = |policy: Policy| {
        Tools::builder(client(&sandbox))
            .policy(policy.without_confirmation())
            .tools(["credits_balance"])
            .call_task::<Table>("reserve_table")
            .build()
            .unwrap()
    };
    let tools = build(Policy::new().calls_per_hour(1));
    let names: Vec<&str> = tools.definitions().iter().map(|tool| tool.name()).collect();
    assert_eq!(names, ["credits_balance", "calls_wait", "reserve_table"]);
    let tool = &tools.definitions()[2];
    assert!(
        tool.description()
            .starts_with("Reserves a table at a restaurant. Rings a phone")
    );
    let schema = tool.input_schema();
    assert_eq!(schema["required"], json!(["restaurant", "guests"]));
    assert_eq!(schema["properties"]["guests"]["type"], "integer");
    assert_eq!(
        schema["properties"]["guests"]["description"],
        "How many come."
    );
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(
        openai(tools.definitions())[2]["function"]["name"],
        "reserve_table"
    );

    let arguments = json!({ "restaurant": "+12025550199", "guests": 4 });
    for _ in 0..3 {
        let answer = ask(&tools, "reserve_table", arguments.clone())
            .await
            .unwrap();
        assert_eq!(answer.value()["status"], "success");
    }
    sandbox.assert_dialled_once("+12025550199");
    let journal = sandbox.journal();
    let sent = journal.iter().find(|entry| entry.method == "POST").unwrap();
    assert_eq!(
        sent.body["submission"]["task_description"],
        "Reserve a table for 4"
    );
    // The policy holds for it as for every call.
    let other = json!({ "restaurant": "+12025550199", "guests": 5 });
    let error = ask(&tools, "reserve_table", other).await.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused);
    for wrong in [
        json!({ "guests": 4 }),
        json!({ "restaurant": "hunter2", "guests": 4 }),
        json!({ "restaurant": "+12025550199", "guests": 400 }),
        json!({ "restaurant": "+911", "guests": 4 }),
    ] {
        let error = ask(&tools, "reserve_table", wrong).await.unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Arguments, "{error}");
        assert!(!error.to_string().contains("hunter2"));
    }
    let reading = build(Policy::new().read_only());
    assert_eq!(reading.definitions().len(), 2);
}

#[tokio::test]
async fn names_are_names_and_there_once() {
    let sandbox = quick().start().await.unwrap();
    for name in ["", "Reserve", "9a", "a-b", "calls_create", &"a".repeat(65)] {
        let built = Tools::builder(client(&sandbox))
            .call_task::<Table>(name)
            .build();
        assert!(built.unwrap_err().is_invalid_input(), "{name}");
    }
}
