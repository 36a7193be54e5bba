//! What becomes of a placed call, as a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::handle::{PlacedCall, Sighting};
use super::search::SHORTEST;
use crate::error::Error;
use crate::retry::{Backoff, Machine, Surroundings};

/// What becomes of a placed call: see [`PlacedCall::states`]. A `next()` that is dropped loses nothing.
#[must_use = "a stream does nothing unless it is polled"]
pub struct States {
    call: PlacedCall,
    last: Option<Shown>,
    step: Option<Step>,
    is_over: bool,
}

type Step = Pin<Box<dyn Future<Output = (Result<Sighting, Error>, bool)> + Send>>;

/// What makes two sightings different.
#[derive(Clone, PartialEq)]
enum Shown {
    Nothing,
    Call(String, bool),
}

impl States {
    pub(super) fn of(call: PlacedCall) -> Self {
        Self {
            call,
            last: None,
            step: None,
            is_over: false,
        }
    }
}

impl Shown {
    fn of(sighting: &Sighting) -> Self {
        match sighting {
            Sighting::IdUnknown => Self::Nothing,
            Sighting::Call(call) => Self::Call(call.status.to_string(), call.is_over()),
        }
    }
}

/// The next change, and whether it is the last one.
async fn step(call: PlacedCall, last: Option<Shown>) -> (Result<Sighting, Error>, bool) {
    let (around, backoff) = (Machine::new(), Backoff::default());
    let mut looks = 0;
    loop {
        if last.is_some() || looks > 0 {
            let most = backoff.jittered(looks, 1.0);
            let wait = most.mul_f64(0.5 + around.fraction() / 2.0).max(SHORTEST);
            tokio::select! {
                _ = call.outcome() => {}
                () = around.sleep(wait) => {}
            }
        }
        if let Some(outcome) = call.done() {
            return (outcome.map(|call| Sighting::Call(Box::new(call))), true);
        }
        looks += 1;
        // What cannot be read shows nothing: the outcome says what is wrong.
        let Ok(sighting) = call.look().await else {
            continue;
        };
        let shown = Shown::of(&sighting);
        if last.as_ref() != Some(&shown) {
            let is_over = matches!(shown, Shown::Call(_, true));
            return (Ok(sighting), is_over);
        }
    }
}

impl Stream for States {
    type Item = Result<Sighting, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.is_over {
            return Poll::Ready(None);
        }
        let (call, last) = (&this.call, &this.last);
        let pending = this
            .step
            .get_or_insert_with(|| Box::pin(step(call.clone(), last.clone())));
        let (sighting, is_over) = std::task::ready!(pending.as_mut().poll(context));
        this.step = None;
        this.is_over = is_over;
        this.last = sighting.as_ref().ok().map(Shown::of);
        Poll::Ready(Some(sighting))
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
