//! What the service refuses, and how the command ends.

use kallyai_sandbox::{Fault, FaultKind, Sandbox};

use super::fails;
use crate::support::{Printed, kallyai};

const ENDS: &[(&str, &str, i32)] = &[
    ("+12025550120", "quota_exceeded", 5),
    ("+12025550121", "budget_exceeded", 5),
    ("+12025550122", "budget_approval_required", 5),
    ("+12025550123", "soft_cap_reached", 5),
    ("+12025550124", "missing_phone_number", 2),
    ("+12025550125", "emergency_number", 2),
    ("+12025550126", "toll_number", 2),
    ("+12025550127", "blocked_number", 1),
    ("+12025550128", "suppression_violation", 1),
    ("+12025550129", "safety_violation", 2),
    ("+12025550130", "scheduling_violation", 2),
    ("+12025550131", "consent_denied", 1),
    ("+12025550132", "country_restriction", 1),
    ("+12025550133", "unsupported_country", 1),
    ("+12025550134", "unsupported_language", 2),
    ("+12025550135", "rate_limited", 7),
];

#[tokio::test]
async fn each_code_of_a_call() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    for (number, code, end) in ENDS {
        for wait in ["--no-wait", "--wait"] {
            let call = [
                "calls",
                "make",
                "-t",
                "Ask when they open",
                "-p",
                number,
                wait,
            ];
            let error = fails(kallyai(&sandbox).args(call), *end);
            assert_eq!(error["code"], *code);
            assert!(error["correlation_id"].is_string(), "{error}");
        }
    }
    assert!(sandbox.dialled().is_empty());
}

#[tokio::test]
async fn each_end_of_a_call() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    for (number, status, end) in [
        ("+12025550101", "no_answer", 6),
        ("+12025550102", "busy", 6),
        ("+12025550103", "failed", 6),
        ("+12025550104", "voicemail", 6),
        ("+12025550105", "cancelled", 6),
        ("+12025550106", "terminated", 6),
        ("+12025550199", "success", 0),
    ] {
        for wait in ["--no-wait", "--wait"] {
            let mut command = kallyai(&sandbox);
            command.args([
                "calls",
                "make",
                "-t",
                "Ask when they open",
                "-p",
                number,
                wait,
            ]);
            let ran = command.output().unwrap();
            assert_eq!(ran.status.code(), Some(end), "{}", ran.err());
            assert_eq!(ran.json()["status"], status);
            assert_eq!(ran.err(), "");
        }
    }
}

#[tokio::test]
async fn a_status_that_is_not_known_is_no_failure() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    sandbox.inject(Fault::on("calls_create", FaultKind::UnknownEnum).times(1));
    let ran = kallyai(&sandbox).args(super::CALL).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    assert!(ran.json().is_object());
}

#[tokio::test]
async fn ids_of_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    for line in [
        &["calls", "info", "c_1"][..],
        &["calls", "transcript", "c_1"],
        &["calls", "recording", "c_1"],
        &["calls", "calendar", "c_1"],
        &["calls", "stop", "c_1"],
        &["calls", "cancel", "a?b#c&d=e +"],
        &["calls", "watch", "c_1"],
        &["--call-info", "c_1"],
        &["coord", "goal", "g_1"],
        &["coord", "watch", "g_1"],
        &["coord", "cancel-goal", "g_1"],
        &["inbound", "call", "i_1"],
        &["inbound", "delete-rule", "r_1"],
        &["inbound", "voicemail", "v_1"],
        &["phone", "info", "pn_unknown"],
        &["email", "read", "m_1"],
        &["outreach", "task", "t_1"],
        &["api", "GET", "/v1/nothing"],
    ] {
        let error = fails(kallyai(&sandbox).args(line), 1);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("404"), "{line:?}: {error}");
    }
}

#[tokio::test]
async fn what_any_request_can_meet() {
    let sandbox = Sandbox::start().await.unwrap();
    let balance = ["credits", "balance"];
    for (fault, code, end) in [
        (FaultKind::ServerError { status: 500 }, "refused", 1),
        (FaultKind::ServerError { status: 503 }, "refused", 1),
        (FaultKind::ResetBefore, "network", 7),
        (FaultKind::ResetAfter, "network", 7),
        (FaultKind::CutBody, "network", 7),
    ] {
        sandbox.inject(Fault::on("credits_balance", fault.clone()).times(9));
        let error = fails(kallyai(&sandbox).args(balance), end);
        assert_eq!(error["code"], code, "{fault:?}");
        sandbox.clear_faults();
    }
    sandbox.inject(Fault::on("credits_balance", FaultKind::BrokenJson).times(9));
    let error = fails(kallyai(&sandbox).args(balance), 1);
    assert_eq!(error["code"], "unreadable_answer");
    sandbox.clear_faults();

    // Whoever is asked to wait is told how long.
    let wait = FaultKind::RateLimit {
        retry_after: Some("3600".to_owned()),
    };
    sandbox.inject(Fault::on("credits_balance", wait).times(9));
    let error = fails(kallyai(&sandbox).args(balance), 7);
    assert_eq!(error["code"], "rate_limited");
    assert!(
        error["hint"].as_str().unwrap().contains("3600 s"),
        "{error}"
    );
    sandbox.clear_faults();

    let token = sandbox.issue_token(["calls:read"], std::time::Duration::from_secs(3600));
    let mut command = kallyai(&sandbox);
    command.env("KALLYAI_ACCESS_TOKEN", token.access_token);
    let error = fails(command.args(super::CALL), 4);
    assert_eq!(error["code"], "forbidden");
    let mut command = kallyai(&sandbox);
    command.env("KALLYAI_ACCESS_TOKEN", "of_yesterday");
    let error = fails(command.args(super::CALL), 4);
    assert!(
        error["hint"].as_str().unwrap().contains("kallyai login"),
        "{error}"
    );
    assert!(sandbox.dialled().is_empty());
}
