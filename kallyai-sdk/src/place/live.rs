//! The placements that this client is at work on, and what is known of each.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::fingerprint::Fingerprint;
use super::log::{Begun, MemoryPlaceLog, PlaceLog, PlaceLogError};
use super::placement::{Placement, Settled};
use crate::client::Client;
use crate::error::Error;
use crate::types::Call;

/// What a client keeps for its placements.
#[derive(Debug)]
pub(crate) struct Places {
    /// Where placements are written down that bring no log of their own.
    pub(crate) log: Arc<dyn PlaceLog>,
    live: Mutex<HashMap<String, Arc<Live>>>,
}

impl Places {
    pub(crate) fn new(log: Option<Arc<dyn PlaceLog>>) -> Self {
        Self {
            log: log.unwrap_or_else(|| Arc::new(MemoryPlaceLog::new())),
            live: Mutex::default(),
        }
    }

    /// The placement of a key, and whether it is new.
    pub(super) fn enter(&self, new: impl FnOnce() -> Live, key: &str) -> Entered {
        let mut live = self.live();
        let is_new = !live.contains_key(key);
        let entry = live
            .entry(key.to_owned())
            .or_insert_with(|| Arc::new(new()));
        Entered {
            live: Arc::clone(entry),
            state: entry.state.subscribe(),
            is_new,
        }
    }

    fn leave(&self, live: &Live) {
        self.live().remove(&live.key);
    }

    fn live(&self) -> MutexGuard<'_, HashMap<String, Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Entered {
    pub(super) live: Arc<Live>,
    pub(super) state: watch::Receiver<State>,
    pub(super) is_new: bool,
}

/// One placement.
pub(super) struct Live {
    pub(super) client: Client,
    pub(super) log: Arc<dyn PlaceLog>,
    /// Those of others who have placed the same meanwhile.
    others: Mutex<Vec<Arc<dyn PlaceLog>>>,
    pub(super) key: String,
    pub(super) fingerprint: Fingerprint,
    pub(super) state: watch::Sender<State>,
    /// Whether somebody else may have dialled it before; the log has not said otherwise.
    is_doubtful: AtomicBool,
}

/// What is known of a placement.
pub(super) struct State {
    pub(super) call_id: Option<String>,
    pub(super) phase: Phase,
}

pub(super) enum Phase {
    /// It is not written down yet.
    Beginning,
    /// Nobody wanted it any more before it was sent.
    Abandoned,
    /// It has come to nothing before it was sent.
    Refused(Error),
    UnderWay(Placement),
    Done(Placement, Result<Box<Call>, Error>),
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

impl Live {
    pub(super) fn new(
        client: Client,
        log: Arc<dyn PlaceLog>,
        key: String,
        fingerprint: Fingerprint,
        is_doubtful: bool,
    ) -> Self {
        let state = State {
            call_id: None,
            phase: Phase::Beginning,
        };
        Self {
            client,
            log,
            others: Mutex::default(),
            key,
            fingerprint,
            state: watch::Sender::new(state),
            is_doubtful: AtomicBool::new(is_doubtful),
        }
    }

    /// The log knew nothing of it: nobody has dialled it.
    pub(super) fn is_written_first(&self) {
        self.is_doubtful.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_doubtful(&self) -> bool {
        self.is_doubtful.load(Ordering::Relaxed)
    }

    /// Does something with the log where it may block.
    pub(super) async fn with_log<T: Send + 'static>(
        &self,
        what: impl FnOnce(&dyn PlaceLog) -> Result<T, PlaceLogError> + Send + 'static,
    ) -> Result<T, Error> {
        with(Arc::clone(&self.log), what).await
    }

    /// Writes the placement down in the log of somebody else who places the same call, and what becomes of it
    /// later. Where that came before, it stays unsettled there.
    pub(super) async fn also_in(
        &self,
        log: Arc<dyn PlaceLog>,
        placement: &Placement,
    ) -> Result<(), Error> {
        let begun = placement.clone();
        let begun = with(Arc::clone(&log), move |log| log.begin(&begun)).await?;
        if matches!(begun, Begun::New) {
            self.others().push(log);
        }
        Ok(())
    }

    fn others(&self) -> MutexGuard<'_, Vec<Arc<dyn PlaceLog>>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is this call: from now on it is asked for by its id.
    pub(super) async fn is_call(&self, placement: &Placement, call_id: &str) {
        let is_new = self.state.send_if_modified(|state| {
            let is_new = state.call_id.as_deref() != Some(call_id);
            state.call_id = Some(call_id.to_owned());
            is_new
        });
        if is_new {
            let settled = Settled::Dialled(call_id.to_owned());
            self.settle(placement, settled).await;
        }
    }

    /// Writes down what became of it. What cannot be written stays unsettled, and is looked for when
    /// somebody asks for it again.
    pub(super) async fn settle(&self, placement: &Placement, settled: Settled) {
        let others = self.others().clone();
        for log in [Arc::clone(&self.log)].into_iter().chain(others) {
            let (placement, settled) = (placement.clone(), settled.clone());
            let written = with(log, move |log| log.settle(&placement, &settled)).await;
            if let Err(error) = written {
                tracing::warn!(%error, "a placed call could not be settled in its log");
            }
        }
    }

    pub(super) fn call_id(&self) -> Option<String> {
        self.state.borrow().call_id.clone()
    }

    /// The last that is heard of it: whoever asks for its key again begins anew.
    pub(super) fn end(&self, phase: Phase) {
        self.client.places().leave(self);
        self.state.send_modify(|state| state.phase = phase);
    }
}

/// Does something with a log where it may block.
async fn with<T: Send + 'static>(
    log: Arc<dyn PlaceLog>,
    what: impl FnOnce(&dyn PlaceLog) -> Result<T, PlaceLogError> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(move || what(&*log)).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Error::place_log(
            "the log of placed calls was not read or written: it panicked, or the runtime is ending"
                .to_owned(),
            None,
            None,
        )),
    }
}
