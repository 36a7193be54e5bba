//! What is left of a call, as resources.

use serde_json::{Value, json};

use crate::client::{Client, NUMBER};
use crate::{quick, to};

#[tokio::test]
async fn what_is_left_of_a_call_can_be_read() {
    let sandbox = quick().start().await.unwrap();
    let flags = ["--no-confirmation", "--place-wait", "10"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let placed = client.call("calls_create", to(NUMBER)).await;
    let id = placed["structuredContent"]["call_id"].as_str().unwrap();
    let listed = client.request("resources/templates/list", json!({})).await;
    let templates = listed["result"]["resourceTemplates"].as_array().unwrap();
    assert_eq!(templates.len(), 3, "{listed}");
    let mut texts = Vec::new();
    for template in templates {
        let uri = template["uriTemplate"]
            .as_str()
            .unwrap()
            .replace("{call_id}", id);
        let read = client
            .request("resources/read", json!({ "uri": uri }))
            .await;
        let contents = &read["result"]["contents"][0];
        assert_eq!(contents["uri"], uri, "{read}");
        assert_eq!(contents["mimeType"], template["mimeType"]);
        let untrusted = &contents["_meta"]["kallyai.com/untrusted"];
        texts.push((
            contents["text"].as_str().unwrap().to_owned(),
            untrusted.clone(),
        ));
    }
    let [(transcript, said), (recording, _), (calendar, written)] = texts.as_slice() else {
        panic!("{texts:?}");
    };
    assert!(
        transcript.starts_with("<untrusted>") && transcript.contains("entries"),
        "{transcript}"
    );
    assert!(
        serde_json::from_str::<Value>(recording)
            .unwrap()
            .is_object()
    );
    assert!(calendar.starts_with("BEGIN:VCALENDAR"), "{calendar}");
    assert!(calendar.trim_end().ends_with("END:VCALENDAR"), "{calendar}");
    assert_eq!((said, written), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let sandbox = quick().start().await.unwrap();
    let mut old = Client::of_2025(&sandbox, &[], json!({})).await;
    let mut new = Client::of_2026(&sandbox, &[], &json!({}));
    let nobody = "kallyai://calls/00000000-0000-4000-8000-000000000000/transcript";
    for uri in [
        nobody,
        "kallyai://calls/1/secrets",
        "file:///etc/passwd",
        "kallyai://calls/",
    ] {
        let read = old.request("resources/read", json!({ "uri": uri })).await;
        assert_eq!(read["error"]["code"], -32002, "{read}");
        let read = new.request("resources/read", json!({ "uri": uri })).await;
        assert_eq!(read["error"]["code"], -32602, "{read}");
        assert_eq!(read["error"]["data"]["uri"], uri);
    }
    // An id cannot lead elsewhere.
    let up = json!({ "uri": "kallyai://calls/../credits/transcript" });
    let read = old.request("resources/read", up).await;
    assert!(read["error"]["code"].is_number(), "{read}");
    let asked = sandbox.journal();
    assert!(
        asked
            .iter()
            .all(|entry| entry.operation_id.as_deref() == Some("calls_transcript"))
    );
}

#[tokio::test]
async fn a_tool_that_is_left_out_is_no_resource_either() {
    let sandbox = quick().start().await.unwrap();
    let flags = ["--exclude-tools", "calls_transcript"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let listed = client.request("resources/templates/list", json!({})).await;
    assert!(!listed.to_string().contains("transcript"), "{listed}");
    let uri = json!({ "uri": "kallyai://calls/1/transcript" });
    let read = client.request("resources/read", uri).await;
    assert_eq!(read["error"]["code"], -32002, "{read}");
}
