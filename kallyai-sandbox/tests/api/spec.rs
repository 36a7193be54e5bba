//! Every operation of the spec, and requests that are not in it.

use std::collections::BTreeMap;

use kallyai_openapi::{Operation, Spec};
use kallyai_sandbox::{Clock, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, encode, quick, refused};
use crate::{phone, raw};

/// What an operation is asked with.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<(String, Value)>,
}

pub(crate) struct Document(pub(crate) Value);

impl Document {
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                self.resolve(
                    self.0
                        .pointer(pointer)
                        .expect("a reference leads somewhere"),
                )
            }
            None => value,
        }
    }

    fn example(&self, owner: &Value) -> Value {
        owner
            .get("example")
            .or_else(|| self.resolve(&owner["schema"]).get("example"))
            .cloned()
            .unwrap_or_else(|| panic!("no example in {owner}"))
    }

    /// JSON Schema says null with a type.
    fn nullable(value: &mut Value) {
        match value {
            Value::Object(object) => {
                object.values_mut().for_each(Self::nullable);
                if object.remove("nullable") == Some(json!(true)) {
                    let strict = Value::Object(std::mem::take(object));
                    object.insert("anyOf".into(), json!([strict, { "type": "null" }]));
                }
            }
            Value::Array(values) => values.iter_mut().for_each(Self::nullable),
            _ => {}
        }
    }

    fn is_valid(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let mut root = schema.clone();
        root["components"] = self.0["components"].clone();
        Self::nullable(&mut root["components"]["schemas"]);
        jsonschema::validate(&root, value)
            .map_err(|error| format!("{}: {error}", error.instance_path()))
    }
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn ask(document: &Document, path: &str, method: &str, ids: &BTreeMap<&str, String>) -> Asked {
    let item = &document.0["paths"][path];
    let operation = &item[method];
    let mut asked = Asked {
        method: method.to_uppercase(),
        path: path.to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    };
    let parameters = [&item["parameters"], &operation["parameters"]];
    for parameter in parameters.into_iter().filter_map(Value::as_array).flatten() {
        let parameter = document.resolve(parameter);
        let name = text(&parameter["name"]);
        let value = match ids.get(name.as_str()) {
            Some(id) => id.clone(),
            None => text(&document.example(parameter)),
        };
        match parameter["in"].as_str() {
            Some("path") => asked.path = asked.path.replace(&format!("{{{name}}}"), &value),
            Some("query") => asked.query.push((name, value)),
            _ => asked.headers.push((name, value)),
        }
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        let (kind, media) = content.iter().next().expect("a body has a type");
        asked.body = Some((kind.clone(), document.example(media)));
    }
    asked
}

pub(crate) async fn send(api: &Api, asked: &Asked) -> reqwest::Response {
    let method: Method = asked.method.parse().unwrap();
    let mut path = asked.path.clone();
    if !asked.query.is_empty() {
        path = format!("{path}?{}", encode(&asked.query));
    }
    let mut request = api
        .bare(method, &path)
        .bearer_auth(api.sandbox.access_token());
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    match &asked.body {
        Some((kind, body)) if kind.contains("form") => {
            let pairs: Vec<(String, String)> = body
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect();
            request = request.header("content-type", kind).body(encode(&pairs));
        }
        Some((_, body)) => request = request.json(body),
        None => {}
    }
    request.send().await.unwrap()
}

/// Asked with the example of the spec, an operation that has state behind it does not know the ids,
/// codes and clients of the examples; these are its own.
fn with_own_values(api: &Api, id: &str, ids: &BTreeMap<&str, String>, asked: &mut Asked) {
    match (id, &mut asked.body) {
        ("coordination_send_message", Some((_, body))) => {
            body["conversation_id"] = json!(ids["conversation_id"]);
        }
        ("messages_mark_read", Some((_, body))) => {
            body["message_ids"] = json!([ids["message_id"]]);
        }
        ("coordination_batch_archive_goals", Some((_, body))) => {
            body["goal_ids"] = json!([ids["goal_id"]]);
        }
        ("channels_add_email", Some((_, body))) => {
            body["email_address"] = json!("grace@example.com");
        }
        ("auth_refresh_token", Some((_, body))) => {
            body["refresh_token"] = json!(api.sandbox.refresh_token());
        }
        ("auth_exchange_token", Some((_, body))) => {
            body["grant_type"] = json!("refresh_token");
            body["refresh_token"] = json!(api.sandbox.refresh_token());
            body["client_secret"] = json!(api.sandbox.client_secret());
        }
        _ => {}
    }
    if let Some((_, body)) = &mut asked.body
        && body.get("client_id").is_some()
    {
        body["client_id"] = json!(api.sandbox.client_id());
    }
}

/// The values of a request's body that the spec calls passwords.
fn secrets(document: &Document, operation: &Value, asked: &Asked) -> Vec<String> {
    let Some((kind, body)) = &asked.body else {
        return Vec::new();
    };
    let schema = document.resolve(&operation["requestBody"]["content"][kind]["schema"]);
    let fields = body.as_object().into_iter().flatten();
    fields
        .filter(|(name, _)| {
            document.resolve(&schema["properties"][name.as_str()])["format"] == "password"
        })
        .map(|(_, value)| text(value))
        .collect()
}

#[tokio::test]
async fn examples_show_one_of_the_published_shapes() {
    let api = Api::quick().await;
    let inbox = api.json("/v1/messages/inbox").await;
    assert!(inbox["messages"].is_array() && inbox.get("items").is_none());
    let goals = api.json("/v1/coordination/goals").await;
    assert!(goals["goals"].is_array() && goals.get("items").is_none());
    let call = api.sandbox.ring("+12025550142", ["Hello"]).unwrap();
    let transcript = api
        .json(&format!("/v1/inbound/calls/{call}/transcript"))
        .await;
    assert!(transcript.get("transcript").is_none());
    let entry = transcript["entries"][0].as_object().unwrap();
    assert!(
        entry.contains_key("content") && !entry.contains_key("role"),
        "{entry:?}"
    );
    let message = json!({ "message": "Find me a dentist" });
    let (status, reply) = answer(api.post("/v1/coordination/message", &message)).await;
    assert_eq!(status, 200, "{reply}");
    let mut fields: Vec<_> = reply.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(
        fields,
        ["actions_taken", "conversation_id", "goal_id", "response"]
    );
}

#[tokio::test]
async fn formats_are_checked() {
    let api = Api::quick().await;
    let body =
        |start: &str| json!({ "title": "Dinner", "start": start, "end": "2026-02-14T21:00:00" });
    let create = |start: &str| api.post("/v1/actions/calendar/events", &body(start));
    let error = refused(create("nonsense"), 400, "validation_error").await;
    assert!(
        error["error"]["details"]["reason"]
            .as_str()
            .unwrap()
            .starts_with("body/start")
    );
    for start in ["2026-02-14T20:00", "2026-02-14T20:00:00"] {
        let (status, answer) = answer(create(start)).await;
        assert!(status.is_success(), "{answer}");
    }
}

#[tokio::test]
async fn every_operation_answers_what_the_spec_says() {
    let spec = Spec::load().expect("the spec loads");
    let document = Document(spec.document().clone());
    let operations = spec.operations();
    assert!(operations.len() >= 146, "{}", operations.len());
    for operation in &operations {
        let (api, asked) = ready(&document, operation).await;
        let method = operation.method.to_lowercase();
        let response = send(&api, &asked).await;

        let id = &operation.id;
        let status = response.status();
        let documented = &document.0["paths"][&operation.path][&method]["responses"]
            [operation.success_status.to_string()];
        let location = response.headers().contains_key("location");
        let kind = response
            .headers()
            .get("content-type")
            .map(|kind| kind.to_str().unwrap().to_owned());
        let body = response.text().await.unwrap();
        assert_eq!(status.as_u16(), operation.success_status, "{id}: {body}");
        assert_eq!(location, status == 302, "{id}");
        match kind {
            Some(kind) => {
                let media = &documented["content"][&kind];
                assert!(media.is_object(), "{id}: {kind} is not documented");
                if kind == "application/json" {
                    let value = serde_json::from_str(&body).unwrap();
                    if let Err(problem) = document.is_valid(&media["schema"], &value) {
                        panic!("{id}: {problem}");
                    }
                }
            }
            None => assert!(
                documented.get("content").is_none() && body.is_empty(),
                "{id}"
            ),
        }
        let journal = api.sandbox.journal();
        assert_eq!(journal.len(), 1, "{id}");
        assert_eq!(journal[0].operation_id.as_deref(), Some(id.as_str()));
        assert_eq!(journal[0].status, Some(operation.success_status));
        assert_eq!(journal[0].path, asked.path);
        assert_eq!(journal[0].query.len(), asked.query.len(), "{id}");
        let shown = serde_json::to_string(&journal[0]).unwrap();
        for secret in secrets(
            &document,
            &document.0["paths"][&operation.path][&method],
            &asked,
        ) {
            assert!(
                !shown.contains(&format!("\"{secret}\"")),
                "{id} shows {secret}"
            );
        }
    }
}

/// A world in which an operation can succeed, and how it is asked there.
pub(crate) async fn ready(document: &Document, operation: &Operation) -> (Api, Asked) {
    let live = ["inbound_transfer", "inbound_take_over", "inbound_reject"]
        .contains(&operation.id.as_str());
    // The dates of the examples are not past when a manual clock begins.
    let world = if live || operation.domain == "actions" {
        Sandbox::builder().clock(Clock::Manual)
    } else {
        quick().auto_approve(true)
    };
    let api = Api::new(world).await;
    let ids = own_ids(&api, &operation.domain, &operation.name).await;
    let method = operation.method.to_lowercase();
    let mut asked = ask(document, &operation.path, &method, &ids);
    with_own_values(&api, &operation.id, &ids, &mut asked);
    api.sandbox.clear_journal();
    (api, asked)
}

/// Something for an operation to find, in the state that it asks for.
async fn own_ids(api: &Api, domain: &str, name: &str) -> BTreeMap<&'static str, String> {
    let mut ids = BTreeMap::from([("client_id", api.sandbox.client_id().to_owned())]);
    match domain {
        "calls" => {
            let call = match name {
                "cancel" | "stop" | "reschedule" => active_call(api).await,
                _ => api.placed().await,
            };
            ids.insert("call_id", call);
        }
        "coordination" | "budget" => {
            let message = match name {
                "approve_step" => "A table [approve step]",
                "accept_outcome" | "continue_negotiating" => "A table [negotiate]",
                "cancel_goal"
                | "cascade_cancel_goal"
                | "escalate_goal"
                | "approve"
                | "acknowledge_soft_cap" => "A table [ask]",
                // A goal that is over has no step with a status of the sandbox's own.
                _ => "A table",
            };
            let request = api.post("/v1/coordination/message", &json!({ "message": message }));
            let (_, reply) = answer(request).await;
            for id in ["goal_id", "conversation_id"] {
                ids.insert(id, text(&reply[id]));
            }
        }
        "messages" => {
            api.placed().await;
            let inbox = api.json("/v1/messages/inbox?channel=call").await;
            ids.insert("message_id", text(&inbox["messages"][0]["id"]));
            let conversation = text(&inbox["messages"][0]["conversation_id"]);
            ids.insert("conversation_id", conversation);
        }
        "subscription" if name == "cancel_pending_change" => {
            for plan in ["pro", "starter"] {
                let change = json!({ "new_plan": plan });
                answer(api.post("/v1/subscriptions/change-plan", &change)).await;
            }
        }
        "actions" => done(api, &mut ids).await,
        "email" => trained(api, &mut ids).await,
        "inbound" => {
            let rule = json!({
                "name": "Later", "priority": 1, "is_active": true, "action": "voicemail",
                "conditions": { "caller_number": "+12025550143" },
            });
            let (_, rule) = answer(api.post("/v1/inbound/rules", &rule)).await;
            ids.insert("rule_id", text(&rule["id"]));
            let contact = json!({ "name": "Ada", "phone_number": "+12025550142" });
            let (_, contact) = answer(api.post("/v1/inbound/contacts", &contact)).await;
            ids.insert("contact_id", text(&contact["id"]));
            api.sandbox.ring("+12025550143", ["It is me"]).unwrap();
            let voicemails = api.json("/v1/inbound/voicemails").await;
            ids.insert("voicemail_id", text(&voicemails["items"][0]["id"]));
            let call = api.sandbox.ring("+12025550142", ["Please call back"]);
            ids.insert("call_id", call.unwrap());
        }
        "phone" => {
            let numbers = api.json("/v1/phone-numbers").await;
            ids.insert("phone_number_id", text(&numbers["phone_numbers"][0]["id"]));
            // An empty body means the phone that was verified last.
            phone::verified(api, "+12025550198").await;
        }
        "channels" => {
            let emails = api.json("/v1/channels/email/list").await;
            ids.insert("email_id", text(&emails["emails"][0]["id"]));
            let credentials = json!({ "bot_token": "1:a" });
            let path = "/v1/channels/webhook/telegram/connect";
            answer(api.post(path, &credentials)).await;
        }
        "outreach" => {
            let task = json!({
                "goal": "Ask", "recipient_identifier": "+12025550199", "auto_execute": false,
            });
            let (_, task) = answer(api.post("/v1/outreach/tasks", &task)).await;
            ids.insert("task_id", text(&task["id"]));
        }
        _ => {}
    }
    ids
}

/// An event, a booking, an e-mail that waits, and the newest of these in the log.
async fn done(api: &Api, ids: &mut BTreeMap<&'static str, String>) {
    let event = json!({ "title": "Dinner", "start": "2026-02-15T20:00" });
    let booking = json!({ "type": "service" });
    let email = json!({ "to": "clinic@example.com", "subject": "Friday", "body": "At ten?" });
    for (id, path, body) in [
        ("event_id", "calendar/events", event),
        ("booking_id", "bookings", booking),
        ("email_id", "email/send", email),
    ] {
        let (_, made) = answer(api.post(&format!("/v1/actions/{path}"), &body)).await;
        ids.insert(id, text(&made["id"]));
    }
    let log = api.json("/v1/actions/log").await;
    ids.insert("action_id", text(&log["actions"][0]["id"]));
}

/// An account with e-mails and a voice.
async fn trained(api: &Api, ids: &mut BTreeMap<&'static str, String>) {
    let train = api.post("/v1/email/voice-profile/train", &json!({}));
    assert_eq!(answer(train).await.0, 200);
    let accounts = api.json("/v1/email/accounts").await;
    ids.insert("account_id", text(&accounts["accounts"][0]["id"]));
    let messages = api.json("/v1/email/messages").await;
    ids.insert("message_id", text(&messages["items"][0]["id"]));
}

/// A call that stays queued: its life is longer than the test. The answer is not waited for.
async fn active_call(api: &Api) -> String {
    use tokio::io::AsyncWriteExt;

    let state: Value = api.json("/_sandbox/state").await;
    let mut stream = raw::open(&api.sandbox).await;
    stream
        .write_all(raw::post_call(&api.sandbox).as_bytes())
        .await
        .unwrap();
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    let dialled = api.json("/_sandbox/state").await;
    // The same call, as if it had just been dialled and took its time.
    let mut call = dialled["calls"][0].clone();
    let future = "2999-01-01T00:00:00Z";
    call["rings_at"] = json!(future);
    call["answered_at"] = json!(future);
    call["end"]["at"] = json!(future);
    call["over"] = json!(false);
    let mut loaded = state;
    loaded["calls"] = json!([call]);
    let load = api.bare(Method::PUT, "/_sandbox/state").json(&loaded);
    assert_eq!(answer(load).await.0, 204);
    api.sandbox.dialled()[0].call_id.clone()
}

#[tokio::test]
async fn an_operation_without_token_is_public_or_refused() {
    let api = Api::quick().await;
    for operation in Spec::load().unwrap().operations() {
        if !operation.public {
            let path = operation.path.replace(['{', '}'], "");
            let request = api.bare(operation.method.parse().unwrap(), &path);
            refused(request, 401, "missing_token").await;
        }
    }
}

#[tokio::test]
async fn paths_and_methods_that_lead_nowhere() {
    let api = Api::quick().await;
    for path in [
        "/v1",
        "/v1/nothing",
        "/v1/calls/",
        "/V1/calls",
        "//v1/calls",
    ] {
        refused(api.get(path), 404, "not_found").await;
    }
    let request = api
        .bare(Method::DELETE, "/v1/calls")
        .bearer_auth(api.sandbox.access_token());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 405);
    let allowed = response.headers()["allow"].to_str().unwrap();
    assert!(
        allowed.contains("GET") && allowed.contains("POST"),
        "{allowed}"
    );
}

#[tokio::test]
async fn dots_and_encoded_slashes_reach_no_handler() {
    let sandbox = quick().start().await.unwrap();
    for path in [
        "/v1/calls/..",
        "/v1/calls/.",
        "/v1/calls/%2e%2e",
        "/v1/calls/%2E%2e/transcript",
        "/v1/calls/../credits/balance",
        "/v1/calls/x%2ftranscript",
        "/v1/calls/x%5c..",
        "/v1/calls/x%00",
        "/v1/calls/x%ff",
        "/v1/calls//transcript",
    ] {
        let (answer, _) = raw::exchange(&sandbox, &raw::get(&sandbox, path)).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(raw::body(&answer).contains("not_found"), "{path}: {answer}");
    }
    // Encoded letters are letters.
    let (answer, _) = raw::exchange(&sandbox, &raw::get(&sandbox, "/v1/calls/%78")).await;
    assert!(raw::body(&answer).contains("call_not_found"), "{answer}");
}

#[tokio::test]
async fn bodies_that_do_not_do() {
    let api = Api::quick().await;
    let post = |kind: Option<&str>, body: Vec<u8>| {
        let request = api
            .bare(Method::POST, "/v1/calls")
            .bearer_auth(api.sandbox.access_token())
            .body(body);
        match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        }
    };
    let json = Some("application/json");
    let good = crate::api::call("+12025550199").to_string().into_bytes();
    let error = refused(
        post(json, b"{\"submission\":".to_vec()),
        400,
        "validation_error",
    )
    .await;
    let reason = error["error"]["details"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("body: is not JSON"), "{reason}");
    refused(post(json, Vec::new()), 400, "validation_error").await;
    refused(post(json, b"[]".to_vec()), 400, "validation_error").await;
    refused(post(None, good.clone()), 400, "validation_error").await;
    refused(
        post(Some("text/plain"), good.clone()),
        400,
        "validation_error",
    )
    .await;
    let mut long = good.clone();
    long.resize(10 * 1024 * 1024 + 1, b' ');
    refused(post(json, long), 413, "payload_too_large").await;
    assert!(api.sandbox.dialled().is_empty());
    let kind = Some("application/json; charset=utf-8");
    assert_eq!(answer(post(kind, good)).await.0, 201);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_too_long() {
    let sandbox = quick().start().await.unwrap();
    let head = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nConnection: close\r\n",
        sandbox.access_token()
    );
    let broken = format!("{head}Transfer-Encoding: chunked\r\n\r\nnonsense\r\n");
    let (answer, _) = raw::exchange(&sandbox, &broken).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(sandbox.journal()[0].body, json!({ "truncated": null }));
    let long = 10 * 1024 * 1024 + 1;
    let announced = format!("{head}Content-Length: {long}\r\n\r\n{}", " ".repeat(long));
    let mut stream = raw::open(&sandbox).await;
    // The answer comes before the end of the body.
    let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, announced.as_bytes()).await;
    let journal = loop {
        let journal = sandbox.journal();
        if journal.len() > 1 {
            break journal;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(journal[1].body, json!({ "truncated": long }));
}
