//! 10,000 tool calls at random: never more than is allowed, and nothing twice.

use std::collections::HashMap;

use kallyai_sandbox::{Fault, FaultKind};
use kallyai_sdk::phone::{E164, Region};
use kallyai_sdk::tools::{Context, Policy, ToolErrorKind, Toolbox};
use serde_json::{Value, json};

use crate::{all, client, quick};

const CALLS: usize = 10_000;
const NUMBERS: [&str; 6] = [
    "+12025550199",
    "+12025550198",
    "+12025550101",
    "+12025550120",
    "+442079460018",
    "+12025550127",
];

/// Chance that is the same each time (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// What a model that has lost its mind asks for.
fn wish(chance: &mut Chance) -> (&'static str, Value) {
    let number = chance.of(&NUMBERS);
    let text = format!("Reserve table number {}", chance.below(12));
    match chance.below(10) {
        0..=3 => (
            "calls_create",
            json!({
                "submission": {
                    "task_category": "restaurant",
                    "task_description": text,
                    "respondent_phone": number,
                },
                "timezone": "Europe/Madrid",
                "attempt": 1 + chance.below(2),
            }),
        ),
        4 => ("search_run", json!({ "query": text })),
        5 => ("actions_run_errand", json!({ "description": text })),
        6 => (
            "coordination_send_message",
            json!({ "message": format!("Call {number}") }),
        ),
        7 => (
            "outreach_create_task",
            json!({ "goal": text, "recipient_identifier": number }),
        ),
        8 => ("calls_list", json!({ "limit": 5 })),
        _ => ("calls_create", json!({ "submission": text })),
    }
}

fn fault(chance: &mut Chance) -> Fault {
    let operation = chance.of(&["calls_create", "search_run", "calls_list", "calls_get"]);
    let kind = match chance.below(5) {
        0 => FaultKind::ResetBefore,
        1 => FaultKind::ResetAfter,
        2 => FaultKind::CutBody,
        3 => FaultKind::BrokenJson,
        _ => FaultKind::ServerError { status: 503 },
    };
    Fault::on(operation, kind)
}

#[tokio::test]
async fn ten_thousand_calls_of_a_model_that_has_lost_its_mind() {
    let sandbox = quick().start().await.unwrap();
    let allowed = [
        "+12025550199",
        "+12025550198",
        "+12025550101",
        "+12025550127",
    ];
    let numbers: Vec<E164> = allowed
        .iter()
        .map(|number| number.parse().unwrap())
        .collect();
    let policy = Policy::new()
        .credits("40".parse().unwrap())
        .calls_per_hour(15)
        .numbers(numbers)
        .countries([Region::US]);
    let tools = all(&sandbox, policy);
    let mut chance = Chance(11);
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    for number in 0..CALLS {
        // Each costs the waits of its retries.
        if number % 1000 == 0 {
            sandbox.inject(fault(&mut chance));
        }
        let (name, arguments) = wish(&mut chance);
        // Some are asked for twice at once, as after a round of confirmation that was lost.
        let context = Context::new();
        let results = if chance.below(10) == 0 {
            let both = (
                tools.call(name, arguments.clone(), &context),
                tools.call(name, arguments, &context),
            );
            let (one, other) = tokio::join!(both.0, both.1);
            vec![one, other]
        } else {
            vec![tools.call(name, arguments, &context).await]
        };
        for result in results {
            let kind = match &result {
                Ok(_) => "answered",
                Err(error) => error.kind().as_str(),
            };
            *kinds.entry(kind).or_default() += 1;
            if let Err(error) = result {
                assert_ne!(error.kind(), ToolErrorKind::Confirmation);
            }
        }
    }
    println!("{kinds:?}");
    for kind in ["answered", "refused", "arguments", "failed"] {
        assert!(kinds[kind] >= 5, "{kinds:?}");
    }
    let dialled = sandbox.dialled();
    assert!((1..=15).contains(&dialled.len()), "{}", dialled.len());
    assert!(
        dialled
            .iter()
            .all(|call| allowed.contains(&call.to.as_str()))
    );
    // Number, task and try: the keys are theirs.
    let mut keys: Vec<_> = dialled
        .iter()
        .map(|call| call.idempotency_key.clone().unwrap())
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), dialled.len(), "nothing is dialled twice");
    let balance = client(&sandbox).credits().balance().await.unwrap();
    let used = balance.credits_used.to_f64().unwrap();
    assert!(used <= 40.0, "{used}");
    let (spent, set_aside) = tools.spent().unwrap();
    let counted = spent.to_f64().unwrap() + set_aside.to_f64().unwrap();
    assert!(used <= counted + 1e-9, "{used} of {counted}");
}
