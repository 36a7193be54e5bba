//! A command that is one request.

use kallyai_sandbox::{Fault, FaultKind, Sandbox};

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

#[tokio::test]
async fn all_pages_are_read_under_whichever_name_they_come() {
    let sandbox = Sandbox::start().await.unwrap();
    let ask = |message: &str| kallyai(&sandbox).args(["ask", message]).output().unwrap();
    for message in ["Find a florist", "Find a dentist", "Find a plumber"] {
        assert_eq!(ask(message).status.code(), Some(0));
    }
    for other in [false, true] {
        if other {
            sandbox.inject(Fault::on(
                "coordination_list_goals",
                FaultKind::AlternateShape,
            ));
        }
        let ran = kallyai(&sandbox)
            .args(["api", "GET", "/v1/coordination/goals", "--paginate"])
            .args(["-q", "limit=2"])
            .output()
            .unwrap();
        let answer = ran.json();
        let lists = answer.as_object().unwrap().values();
        let entries: Vec<usize> = lists.filter_map(|v| Some(v.as_array()?.len())).collect();
        assert_eq!(entries, [3], "{answer}");
    }
}
