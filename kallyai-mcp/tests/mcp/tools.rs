//! Which tools there are, and what is said of them.

use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{Client, NUMBER, end_of, own_client, program, serving};
use crate::{quick, said, to};

#[tokio::test]
async fn it_introduces_itself_and_answers() {
    let sandbox = quick().start().await.unwrap();
    let mut client = Client::start(&sandbox, &[]);
    let answer = client.initialize("2025-11-25", json!({})).await;
    let result = &answer["result"];
    assert_eq!(result["protocolVersion"], "2025-11-25");
    assert_eq!(result["serverInfo"]["name"], "kallyai-mcp");
    assert_eq!(result["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(result["capabilities"]["tools"], json!({}));
    assert!(result["capabilities"].get("prompts").is_none());
    let balance = client.call("credits_balance", json!({})).await;
    assert_eq!(balance["isError"], false);
    assert!(balance["structuredContent"].is_object());
    let text = balance["content"][0]["text"].as_str().unwrap();
    let text: Value = serde_json::from_str(text).unwrap();
    assert_eq!(text, balance["structuredContent"]);
    assert_eq!(client.close().await, (true, String::new()));
}

#[tokio::test]
async fn the_newest_protocol_needs_no_handshake() {
    let sandbox = quick().start().await.unwrap();
    let mut client = Client::of_2026(&sandbox, &[], &json!({}));
    let answer = client.request("server/discover", json!({})).await;
    let versions = answer["result"]["supportedVersions"].as_array().unwrap();
    for version in ["2025-11-25", "2026-07-28"] {
        assert!(versions.contains(&json!(version)), "{answer}");
    }
    assert!(!client.names().await.is_empty());
    let balance = client.call("credits_balance", json!({})).await;
    assert_eq!(balance["resultType"], "complete");
    assert!(balance["structuredContent"].is_object());
    assert!(client.close().await.0);
}

#[tokio::test]
async fn every_tool_says_what_it_does() {
    let sandbox = quick().start().await.unwrap();
    let mut client = Client::of_2025(&sandbox, &["--all"], json!({})).await;
    let tools = client.tools().await;
    assert!(tools.len() > 100, "{}", tools.len());
    for tool in &tools {
        for hint in [
            "readOnlyHint",
            "destructiveHint",
            "idempotentHint",
            "openWorldHint",
        ] {
            assert!(tool["annotations"][hint].is_boolean(), "{tool}");
        }
        assert!(tool["_meta"]["kallyai.com/costs_credits"].is_boolean());
        assert!(!tool["title"].as_str().unwrap().is_empty());
        assert!(!tool["description"].as_str().unwrap().is_empty());
        for schema in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[schema]["type"], "object", "{tool}");
            jsonschema::draft202012::new(&tool[schema]).unwrap();
        }
    }
    let named = |name: &str| tools.iter().find(|tool| tool["name"] == name).unwrap();
    let create = named("calls_create");
    assert_eq!(create["annotations"]["readOnlyHint"], false);
    assert_eq!(create["annotations"]["destructiveHint"], true);
    assert_eq!(create["annotations"]["openWorldHint"], true);
    assert_eq!(create["_meta"]["kallyai.com/costs_credits"], true);
    let wait = named("calls_wait");
    assert_eq!(wait["annotations"]["readOnlyHint"], true);
    assert_eq!(wait["_meta"]["kallyai.com/costs_credits"], false);
}

#[tokio::test]
async fn answers_keep_to_their_schemas() {
    let sandbox = quick().start().await.unwrap();
    let flags = ["--all", "--no-confirmation", "--place-wait", "10"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let tools = client.tools().await;
    let mut checked = 0;
    let placed = client.call("calls_create", to(NUMBER)).await;
    assert_eq!(placed["structuredContent"]["status"], "success", "{placed}");
    let id = placed["structuredContent"]["call_id"].clone();
    let mut check = |name: &str, result: &Value| {
        let tool = tools.iter().find(|tool| tool["name"] == name).unwrap();
        let schema = jsonschema::draft202012::new(&tool["outputSchema"]).unwrap();
        let answer = &result["structuredContent"];
        let wrong: Vec<String> = schema.iter_errors(answer).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}: {answer}");
        checked += 1;
    };
    check("calls_create", &placed);
    for tool in &tools {
        let name = tool["name"].as_str().unwrap();
        let required = tool["inputSchema"]["required"].as_array();
        if tool["annotations"]["readOnlyHint"] == false
            || required.is_some_and(|all| !all.is_empty())
        {
            continue;
        }
        let result = client.call(name, json!({})).await;
        if result["isError"] == false {
            check(name, &result);
        }
    }
    for name in ["calls_get", "calls_transcript"] {
        let result = client.call(name, json!({ "call_id": id })).await;
        check(name, &result);
    }
    assert!(checked > 30, "{checked}");
}

#[tokio::test]
async fn tools_are_chosen_by_flags() {
    let sandbox = quick().start().await.unwrap();
    let names = async |flags: &[&str]| {
        Client::of_2025(&sandbox, flags, json!({}))
            .await
            .names()
            .await
    };
    let default = names(&[]).await;
    assert!((10..=16).contains(&default.len()), "{default:?}");
    assert!(default.contains(&"calls_wait".to_owned()));
    let all = names(&["--all"]).await;
    assert!(all.len() > 100 && !all.iter().any(|name| name.starts_with("auth_")));
    let calls = names(&["--domains", "calls"]).await;
    assert!(calls.iter().all(|name| name.starts_with("calls_")) && calls.len() > 5);
    assert_eq!(
        names(&["--tools", "calls_list,credits_balance"])
            .await
            .len(),
        2
    );
    let without = names(&["--domains", "calls", "--exclude-tools", "calls_create"]).await;
    assert!(!without.contains(&"calls_create".to_owned()));
    assert!(!without.contains(&"calls_wait".to_owned()));
    // It wins, whatever else is asked for.
    let flags = [
        "--read-only",
        "--all",
        "--tools",
        "calls_create",
        "--no-confirmation",
    ];
    let mut reading = Client::of_2025(&sandbox, &flags, json!({})).await;
    for tool in reading.tools().await {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
    }
    let refused = reading.begin_call("calls_create", to(NUMBER)).await;
    let refused = reading.answer(refused).await;
    assert_eq!(refused["error"]["code"], -32602);
    assert!(sandbox.dialled().is_empty());
}

#[tokio::test]
async fn failures_are_results_and_unknown_tools_are_errors() {
    let sandbox = quick().start().await.unwrap();
    let flags = ["--no-confirmation", "--tools", "calls_create,calls_get"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let wrong = said(&client.call("calls_create", json!({ "number": 1 })).await);
    assert_eq!(wrong["kind"], "arguments");
    assert_eq!(wrong["was_sent"], "no");
    let unknown = json!({ "call_id": "00000000-0000-0000-0000-000000000000" });
    let failed = said(&client.call("calls_get", unknown).await);
    assert_eq!(failed["kind"], "failed", "{failed}");
    let id = client.begin_call("calls_list", json!({})).await;
    let answer = client.answer(id).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    let id = client.begin("no/such", json!({})).await;
    let answer = client.answer(id).await;
    assert_eq!(answer["error"]["code"], -32601, "{answer}");
    // After all that it goes on.
    assert_eq!(client.names().await.len(), 3);
}

#[tokio::test]
async fn the_policy_is_that_of_the_flags() {
    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("session");
    let file = file.to_str().unwrap();
    let refusals: [(&[&str], &str); 5] = [
        (
            &["--countries", "GB,DE"],
            "in no country that may be reached",
        ),
        (&["--numbers", "+442071838750"], "not among those"),
        (&["--credits", "0.5"], "credits"),
        (&["--calls-per-hour", "0"], "last hour"),
        (
            &["--calls-per-hour", "0", "--session-file", file],
            "last hour",
        ),
    ];
    for (bounds, why) in refusals {
        let flags = [&["--no-confirmation"], bounds].concat();
        let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
        let refused = said(&client.call("calls_create", to(NUMBER)).await);
        assert_eq!(refused["kind"], "refused", "{bounds:?}: {refused}");
        assert!(
            refused["message"].as_str().unwrap().contains(why),
            "{refused}"
        );
    }
    let flags = ["--no-confirmation", "--refuse-premium-rate"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let refused = said(&client.call("calls_create", to("+19005550199")).await);
    assert_eq!(refused["kind"], "refused", "{refused}");
    assert!(sandbox.dialled().is_empty());
    // Two servers with one session have one bound.
    let flags = [
        "--no-confirmation",
        "--calls-per-hour",
        "1",
        "--session-file",
        file,
    ];
    let mut first = Client::of_2025(&sandbox, &flags, json!({})).await;
    assert_eq!(
        first.call("calls_create", to(NUMBER)).await["isError"],
        false
    );
    let mut second = Client::of_2025(&sandbox, &flags, json!({})).await;
    let refused = said(&second.call("calls_create", to("+12025550150")).await);
    assert_eq!(refused["kind"], "refused");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn what_cannot_be_bounded_needs_a_flag() {
    let sandbox = quick().start().await.unwrap();
    let ask = json!({ "message": "Ring the restaurant" });
    for (more, refused) in [(None, true), (Some("--allow-unbounded"), false)] {
        let mut flags = vec!["--no-confirmation", "--credits", "1000", "--all"];
        flags.extend(more);
        let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
        let result = client.call("coordination_send_message", ask.clone()).await;
        if refused {
            assert_eq!(said(&result)["kind"], "refused");
        } else {
            assert_eq!(result["isError"], false, "{result}");
        }
    }
}

#[tokio::test]
async fn a_program_can_bring_its_own_client() {
    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("calls.log");
    let log = log.to_str().unwrap();
    let flags = [
        "--no-confirmation",
        "--place-wait",
        "10",
        "--place-log",
        log,
    ];
    let mut client = Client::of(own_client(&sandbox, &flags));
    client.initialize("2025-11-25", json!({})).await;
    let placed = client.call("calls_create", to(NUMBER)).await;
    assert_eq!(placed["structuredContent"]["status"], "success", "{placed}");
    assert!(std::fs::metadata(log).unwrap().len() > 0);
    sandbox.assert_dialled_once(NUMBER);
    assert_eq!(client.close().await, (true, String::new()));
}

#[tokio::test]
async fn it_says_what_to_do_when_it_cannot_start() {
    let sandbox: Sandbox = quick().start().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let home = home.path().to_str().unwrap();
    let nobody = program(&[("HOME", home), ("USERPROFILE", home)], &[]);
    let starts = [
        (nobody, "KALLYAI_ACCESS_TOKEN"),
        (serving(&sandbox, &["--domains", "telepathy"]), "telepathy"),
        (serving(&sandbox, &["--numbers", "12"]), "--numbers"),
        (serving(&sandbox, &["--http", "0"]), "--bearer-file"),
        (
            serving(&sandbox, &["--place-log", "/no/such/place"]),
            "make its directory",
        ),
    ];
    for (command, what) in starts {
        let (well, stdout, stderr) = end_of(command).await;
        assert!(!well && stdout.is_empty(), "{stdout}");
        assert!(stderr.contains(what), "{stderr}");
    }
}
