//! One session of several toolboxes, by a file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use kallyai_sdk::tools::{Policy, SessionFile, ToolErrorKind};
use serde_json::{Value, json};

use crate::{all, ask, call, quick};

fn task(number: u32) -> Value {
    let mut call = call("+12025550199");
    call["submission"]["task_description"] = json!(format!("Reserve table number {number}"));
    call
}

#[tokio::test]
async fn several_toolboxes_share_what_is_spent_and_placed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.json");
    let sandbox = quick().start().await.unwrap();
    let policy = || {
        Policy::new()
            .credits("3".parse().unwrap())
            .call_minutes(5)
            .calls_per_hour(10)
            .session_file(SessionFile::at(&path))
    };
    let one = all(&sandbox, policy());
    ask(&one, "search_run", json!({ "query": "a" }))
        .await
        .unwrap();
    let two = all(&sandbox, policy());
    assert_eq!(two.spent().unwrap().0, "0.5".parse().unwrap());
    let call = ask(&two, "calls_create", task(1)).await.unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(
        !text.contains("5550199") && !text.contains("table"),
        "{text}"
    );
    // A third goes on where they are.
    let three = all(&sandbox, policy());
    let used: f64 = call.value()["credits_used"].as_f64().unwrap();
    let spent = three.spent().unwrap().0.to_f64().unwrap();
    assert!((spent - used - 0.5).abs() < 1e-9, "{spent}");
    let error = ask(&three, "calls_create", task(2)).await.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    sandbox.assert_dialled_once("+12025550199");
}

#[tokio::test]
async fn a_file_that_cannot_be_trusted_permits_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.json");
    let sandbox = quick().start().await.unwrap();
    let tools = || all(&sandbox, Policy::new().session_file(SessionFile::at(&path)));
    fs::write(&path, "{ half").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let error = ask(&tools(), "calls_create", task(1)).await.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = ask(&tools(), "calls_create", task(1)).await.unwrap_err();
    assert!(error.to_string().contains("0600"), "{error}");
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    let error = ask(&tools(), "calls_create", task(1)).await.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    assert!(sandbox.dialled().is_empty());
    // Reading needs no session.
    ask(&tools(), "calls_list", json!({})).await.unwrap();
}
