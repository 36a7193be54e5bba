//! The same on a service that keeps count of the phones that rang: never twice.

use std::time::Duration;

use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, WasSent};

use super::all_pass;

const NUMBER: &str = "+12025550199";

fn faults() -> Vec<FaultKind> {
    vec![
        FaultKind::Latency(Duration::from_millis(800)),
        FaultKind::SlowBody(Duration::from_millis(100)),
        FaultKind::RateLimit {
            retry_after: Some("0".to_owned()),
        },
        FaultKind::RateLimit { retry_after: None },
        FaultKind::ServerError { status: 500 },
        FaultKind::ServerError { status: 503 },
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutBody,
        FaultKind::BrokenJson,
        FaultKind::UnknownEnum,
        FaultKind::UnknownField,
        FaultKind::StringNumbers,
    ]
}

/// A service that forgets keys is not to be trusted with them: that pair is left out.
#[derive(Debug, Clone, Copy)]
struct Scene {
    trusted: bool,
    ignore_idempotency: bool,
    hide_active: bool,
    /// The fault strikes so many times.
    times: u32,
}

async fn dial(scene: Scene, kind: FaultKind) {
    let sandbox = Sandbox::builder()
        .call_seconds(0.2)
        .ignore_idempotency(scene.ignore_idempotency)
        .hide_active(scene.hide_active)
        .start()
        .await
        .unwrap();
    sandbox.inject(Fault::on("calls_create", kind.clone()).times(scene.times));
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .attempt_timeout(Duration::from_millis(500))
        .timeout(Duration::from_secs(10))
        .trust_idempotency_key(scene.trusted)
        .build()
        .unwrap();
    let request = CallRequest::general(NUMBER.parse().unwrap(), "Ask when they open");
    let outcome = kally.calls().create(request).await;

    let what = format!("{scene:?} under {kind:?}: {outcome:?}");
    let dialled = sandbox.dialled();
    assert!(
        dialled.len() <= 1,
        "{what}: dialled {} times",
        dialled.len()
    );
    match outcome {
        // An answer is that of the one call.
        Ok(call) => {
            assert_eq!(dialled.len(), 1, "{what}");
            assert_eq!(dialled[0].call_id, call.call_id, "{what}");
        }
        // "Nothing was sent" must be true.
        Err(error) if error.was_sent() == WasSent::No => assert!(dialled.is_empty(), "{what}"),
        Err(_) => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_dialled_at_most_once() {
    let mut all = Vec::new();
    for kind in faults() {
        for (trusted, ignore_idempotency) in [(true, false), (false, false), (false, true)] {
            for hide_active in [false, true] {
                for times in [1, 2, 100] {
                    let scene = Scene {
                        trusted,
                        ignore_idempotency,
                        hide_active,
                        times,
                    };
                    all.push(dial(scene, kind.clone()));
                }
            }
        }
    }
    all_pass(all).await;
}
