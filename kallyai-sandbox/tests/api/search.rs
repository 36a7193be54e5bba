//! Searches: what is found, what it costs, and what is remembered.

use reqwest::Method;
use serde_json::{Value, json};

use crate::actions::manual;
use crate::api::{Api, answer, refused};

async fn search(api: &Api, path: &str, query: &str) -> Value {
    let (status, found) = answer(api.post(path, &json!({ "query": query }))).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["credits_used"], json!(0.5));
    found["results"].clone()
}

fn titles(found: &Value) -> Vec<&str> {
    let results = found.as_array().unwrap().iter();
    results
        .map(|result| result["title"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_search_finds_what_its_words_name() {
    let api = manual().await;
    let plumbers = search(&api, "/v1/search", "the best plumber nearby").await;
    assert_eq!(
        titles(&plumbers),
        ["Example Plumbing", "What a plumber costs"]
    );
    assert_eq!(plumbers[0]["phone"], "+12025550187");
    assert!(plumbers[1].get("phone").is_none());
    let quick = search(&api, "/v1/search/quick", "Italian Bistro phone number").await;
    assert_eq!(titles(&quick), ["Italian Bistro"]);
    let nothing = search(&api, "/v1/search", "quantum gravity").await;
    assert_eq!(nothing, json!([]));
    // What is found can be called.
    let call = api.call(plumbers[0]["phone"].as_str().unwrap());
    let waiting = tokio::spawn(answer(call));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    api.sandbox.advance(std::time::Duration::from_secs(30));
    assert_eq!(waiting.await.unwrap().1["status"], "success");
}

#[tokio::test]
async fn a_search_is_paid_and_remembered() {
    let api = manual().await;
    assert_eq!(
        api.json("/v1/search/history").await,
        json!({ "items": [], "total": 0 })
    );
    let body = json!({ "query": "sushi", "location": "Washington, DC" });
    assert_eq!(answer(api.post("/v1/search", &body)).await.0, 200);
    search(&api, "/v1/search/quick", "dinner").await;
    let history = api.json("/v1/search/history").await;
    assert_eq!(history["total"], 2);
    let (newest, oldest) = (&history["items"][0], &history["items"][1]);
    assert_eq!(
        (&newest["query"], &newest["kind"], &newest["result_count"]),
        (&json!("dinner"), &json!("quick"), &json!(1))
    );
    assert_eq!(
        (&oldest["kind"], &oldest["location"]),
        (&json!("full"), &json!("Washington, DC"))
    );
    assert_eq!(oldest["credits_used"], json!(0.5));
    assert_eq!(oldest["created_at"], "2026-02-14T18:00:00Z");
    let breakdown = api.json("/v1/credits/breakdown").await;
    assert_eq!(breakdown["items"][0]["action_type"], "search");
    assert_eq!(breakdown["items"][0]["transaction_count"], 2);
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 1);
    let sources = api.json("/v1/search/sources").await;
    assert_eq!(sources["total"], sources["items"].as_array().unwrap().len());
    // It is no action.
    assert_eq!(api.json("/v1/actions/log").await["actions"], json!([]));
}

#[tokio::test]
async fn a_search_that_is_refused_is_neither_paid_nor_remembered() {
    let api = manual().await;
    let mut state = api.json("/_sandbox/state").await;
    state["ledger"]["allocated"] = json!(49);
    let load = |state: &Value| api.bare(Method::PUT, "/_sandbox/state").json(state);
    assert_eq!(answer(load(&state)).await.0, 204);
    for path in ["/v1/search", "/v1/search/quick"] {
        let request = api.post(path, &json!({ "query": "sushi" }));
        refused(request, 402, "quota_exceeded").await;
    }
    assert_eq!(api.json("/v1/search/history").await["total"], 0);
    // What is remembered is in the dump.
    state["ledger"]["allocated"] = json!(50);
    assert_eq!(answer(load(&state)).await.0, 204);
    search(&api, "/v1/search", "sushi").await;
    let history = api.json("/v1/search/history").await;
    let state = api.json("/_sandbox/state").await;
    api.sandbox.reset();
    assert_eq!(answer(load(&state)).await.0, 204);
    assert_eq!(api.json("/v1/search/history").await, history);
}
