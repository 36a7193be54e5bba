//! Everything that goes wrong between the client and the service, and what the client does then.

mod matrix;
mod on_the_sandbox;
mod random;
mod server;

use tokio::task::JoinSet;

/// As many at once as leave the machine time to keep to the timeouts.
const AT_ONCE: usize = 16;

/// Runs them all, and fails if any fails.
async fn all_pass(scenes: Vec<impl Future<Output = ()> + Send + 'static>) {
    let (count, mut failed) = (scenes.len(), 0);
    let mut running = JoinSet::new();
    let mut scenes = scenes.into_iter();
    loop {
        while running.len() < AT_ONCE
            && let Some(scene) = scenes.next()
        {
            running.spawn(scene);
        }
        match running.join_next().await {
            Some(outcome) => failed += usize::from(outcome.is_err()),
            None => break,
        }
    }
    assert_eq!(failed, 0, "of {count}");
}
