//! The runtime of the targets that need one.

use std::cell::RefCell;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// Longer than anything takes, unless it hangs.
const LIMIT: Duration = Duration::from_secs(8);

thread_local! {
    static RUNTIME: RefCell<Runtime> = RefCell::new(
        Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime"),
    );
}

/// Runs it to its end, which must come soon.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with_borrow(|runtime| {
        runtime.block_on(async {
            tokio::time::timeout(LIMIT, work)
                .await
                .expect("it ends in time")
        })
    })
}
