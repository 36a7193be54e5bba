//! The handle of a placed call.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

use super::live::{Live, Phase, State};
use super::placement::Placement;
use super::run::{Known, one_look};
use super::search::Looked;
use super::states::States;
use crate::error::Error;
use crate::retry::Machine;
use crate::types::{Acknowledgement, Call};

/// A call that was placed. Cloning it is cheap; several tasks may wait for one call.
///
/// Dropping it neither hangs up nor stops the task that waits for the answer. That task lives in the runtime
/// that the call was placed in: when the runtime ends, so does the connection, and what the service does
/// with a call whose connection is gone is not known. The log keeps the placement.
#[derive(Clone)]
pub struct PlacedCall {
    pub(super) live: Arc<Live>,
    pub(super) state: watch::Receiver<State>,
    pub(super) placement: Placement,
}

/// What the service shows of a call.
#[derive(Debug, Clone)]
pub enum Sighting {
    /// It shows no call that is this one for certain: none yet, or several alike.
    IdUnknown,
    /// It is this one.
    Call(Box<Call>),
}

impl PlacedCall {
    /// The key that makes it this call and no other.
    pub fn idempotency_key(&self) -> &str {
        self.placement.key()
    }

    /// What is written down of it.
    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    /// The id of the call, as soon as it is known: when the service answers, or [`look`](Self::look) has
    /// found it.
    pub fn call_id(&self) -> Option<String> {
        self.live.call_id()
    }

    /// Waits until the call is over, or the [timeout](super::Place::timeout) is; the call is then answered
    /// with as it is. May be called again and again, and dropped at any time: nothing is lost.
    ///
    /// # Errors
    ///
    /// What the service has refused the call for. With [`was_sent`](Error::was_sent) `Maybe`, nobody knows
    /// whether it was dialled: it stays unsettled in the log, and [`look`](Self::look) may find it later.
    /// A call that was dialled and cannot be read is [lost](Error::is_lost) with `Yes`; the source says why.
    pub async fn outcome(&self) -> Result<Call, Error> {
        let mut state = self.state.clone();
        loop {
            if let Some(outcome) = done(&state.borrow_and_update()) {
                return outcome;
            }
            // The handle has the sender: it does not close.
            let _ = state.changed().await;
        }
    }

    /// Looks at what the service shows of it, once. The first time that its id is known, the log learns it.
    ///
    /// # Errors
    ///
    /// Those of reading calls, and that of a call that was refused.
    pub async fn look(&self) -> Result<Sighting, Error> {
        let (outcome, id) = (self.done(), self.call_id());
        match outcome {
            Some(Ok(call)) if call.is_over() => return Ok(Sighting::Call(Box::new(call))),
            Some(Err(error)) if id.is_none() && !error.is_outcome_unknown() => return Err(error),
            _ => {}
        }
        let call = if let Some(id) = id {
            self.live.client.calls().get(id).await?
        } else {
            let around = Machine::new();
            let others = Known {
                live: &self.live,
                placement: &self.placement,
            };
            let search = one_look(&self.live, &self.placement, &around);
            match search.look(&others).await? {
                Looked::One(found) => {
                    let call_id = &found.value.call_id;
                    self.live.is_call(&self.placement, call_id).await;
                    found.value
                }
                // It may have been answered meanwhile.
                Looked::None | Looked::Doubtful => {
                    return Ok(match self.done() {
                        Some(Ok(call)) => Sighting::Call(Box::new(call)),
                        _ => Sighting::IdUnknown,
                    });
                }
            }
        };
        if call.is_over() {
            self.mend(&call);
        }
        Ok(Sighting::Call(Box::new(call)))
    }

    /// Gives up a call that nobody has answered yet, as [`calls().cancel()`][cancel] does.
    ///
    /// [cancel]: crate::operations::calls::Calls::cancel
    ///
    /// # Errors
    ///
    /// Those of the operation, and invalid input, naming `call_id`, while the service shows no such call: it
    /// is looked for once.
    pub async fn cancel(&self) -> Result<Acknowledgement, Error> {
        let id = self.id().await?;
        self.live.client.calls().cancel(id).await
    }

    /// Hangs up, as [`calls().stop()`][stop] does.
    ///
    /// [stop]: crate::operations::calls::Calls::stop
    ///
    /// # Errors
    ///
    /// As [`cancel`](Self::cancel).
    pub async fn stop(&self) -> Result<Acknowledgement, Error> {
        let id = self.id().await?;
        self.live.client.calls().stop(id).await
    }

    /// What becomes of it, step by step: a stream that looks from time to time (after half a second, then
    /// less and less often, up to every 20 s), gives what has changed, and ends when the call is over or its
    /// outcome an error.
    pub fn states(&self) -> States {
        States::of(self.clone())
    }

    pub(super) fn done(&self) -> Option<Result<Call, Error>> {
        done(&self.state.borrow())
    }

    async fn id(&self) -> Result<String, Error> {
        if let Some(id) = self.call_id() {
            return Ok(id);
        }
        match self.look().await? {
            Sighting::Call(call) => Ok(call.call_id),
            Sighting::IdUnknown => {
                let why = "the service does not show this call, so its id is not known yet";
                Err(Error::invalid_input("call_id", why)
                    .with_remedy("look() until it gives the call, then try again"))
            }
        }
    }

    /// An outcome that nobody knew is known after all.
    fn mend(&self, call: &Call) {
        self.live
            .state
            .send_if_modified(|state| match &mut state.phase {
                Phase::Done(_, outcome @ Err(_)) => {
                    *outcome = Ok(Box::new(call.clone()));
                    true
                }
                _ => false,
            });
    }
}

fn done(state: &State) -> Option<Result<Call, Error>> {
    match &state.phase {
        Phase::Done(_, Ok(call)) => Some(Ok((**call).clone())),
        Phase::Done(_, Err(error)) => Some(Err(error.duplicate())),
        _ => None,
    }
}

impl IntoFuture for PlacedCall {
    type Output = Result<Call, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.outcome().await })
    }
}

impl fmt::Debug for PlacedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlacedCall")
            .field("placement", &self.placement)
            .field("call_id", &self.call_id())
            .finish_non_exhaustive()
    }
}
