//! One call asked for and one placed, by the library and by hand on bare reqwest and serde, against the
//! same server on loopback.
//!
//! `cargo bench -p kallyai-bench --bench face`. `instructions.sh` counts instructions and allocations.

// A measurement that cannot be taken says so and stops.
#![allow(clippy::expect_used)]

use std::time::Duration;

use kallyai_bench::by_hand::{ID, Ways};
use kallyai_bench::{server, turns};

fn main() {
    let address = server::start(0, Duration::ZERO).expect("a server");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let ways = Ways::to(&format!("http://{address}"));
    let arrived = |id: Option<String>| assert_eq!(id.as_deref(), Some(ID));
    turns::compare(
        "calls().get()",
        20_000,
        || arrived(runtime.block_on(ways.get())),
        || arrived(runtime.block_on(ways.get_by_hand())),
    );
    turns::compare(
        "calls().create()",
        20_000,
        || arrived(runtime.block_on(ways.create())),
        || arrived(runtime.block_on(ways.create_by_hand())),
    );
}
