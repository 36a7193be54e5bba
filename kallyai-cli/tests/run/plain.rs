//! A command that is one request.

use kallyai_sandbox::Sandbox;

use crate::support::{Printed, kallyai};

#[tokio::test]
async fn an_answer_comes_as_it_came() {
    let sandbox = Sandbox::start().await.unwrap();
    let ran = kallyai(&sandbox)
        .args(["credits", "balance"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    let balance = ran.json();
    assert!(balance["credits_remaining"].is_number(), "{balance}");
    assert_eq!(ran.err(), "");
    let asked: Vec<_> = sandbox.journal().into_iter().map(|e| e.path).collect();
    assert_eq!(asked, ["/v1/credits/balance"]);
}
