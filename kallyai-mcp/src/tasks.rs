//! Calls that go on, as tasks, for clients that have the extension of the protocol for them. A task only waits: it
//! begins when the call is placed, and to cancel it leaves the call as it is.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rmcp::ErrorData;
use rmcp::model::{CallToolResult, DetailedTask, Task};
use rmcp::task_manager::{TaskExit, TaskManager, TaskOptions};

/// How long a task may last, and how long its result is kept: no call takes an hour.
const KEPT_MS: u64 = 3_600_000;
/// How often a client should look.
const LOOK_MS: u64 = 2_000;

/// The tasks of all connections.
#[derive(Default)]
pub(crate) struct Tasks {
    manager: TaskManager,
    /// The tasks that are not over, by the handle of their call: the same call is the same task.
    open: Mutex<HashMap<String, String>>,
}

impl Tasks {
    /// The task that waits for this call; a new one if there is none.
    pub(crate) fn follow<F>(&self, handle: &str, wait: impl FnOnce() -> F) -> Task
    where
        F: Future<Output = CallToolResult> + Send + 'static,
    {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, id| self.is_open(id));
        let known = open.get(handle).and_then(|id| self.get(id).ok());
        if let Some(known) = known {
            return known.task;
        }
        let options = TaskOptions::new()
            .with_ttl_ms(KEPT_MS)
            .with_poll_interval_ms(LOOK_MS)
            .with_status_message("the call is under way");
        let wait = wait();
        let task = self.manager.spawn(options, |context| {
            Box::pin(async move {
                tokio::select! {
                    result = wait => Ok(result),
                    () = context.cancelled() => Err(TaskExit::Cancelled),
                }
            })
        });
        open.insert(handle.to_owned(), task.task_id.clone());
        task
    }

    fn is_open(&self, id: &str) -> bool {
        self.get(id).is_ok_and(|task| !task.status().is_terminal())
    }

    /// How a task stands; its result, when it is over.
    pub(crate) fn get(&self, id: &str) -> Result<DetailedTask, ErrorData> {
        self.manager.get_task(id)
    }

    /// Tasks ask nothing: what comes is taken, and is for nobody.
    pub(crate) fn update(&self, id: &str) -> Result<(), ErrorData> {
        self.manager.update_task(id, [])
    }

    /// Waits no longer. Whoever asks for the call again gets another task.
    pub(crate) fn cancel(&self, id: &str) -> Result<(), ErrorData> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, task| task != id);
        self.manager.cancel_task(id)
    }
}
