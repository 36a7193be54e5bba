//! One world and all that belongs to it, as the server and the handle share it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use crate::builder::Settings;
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::domains::{Context, Fidelity, handler};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::numbers;
use crate::world::World;
use crate::world::inbound::calls::Ring;
use crate::world::inbound::events::Position;

pub(crate) struct Shared {
    pub(crate) catalogue: &'static Catalogue,
    pub(crate) settings: Settings,
    pub(crate) base_url: String,
    /// Of the ids of a new world.
    seed: u64,
    secret_seed: String,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    watched: watch::Sender<()>,
}

pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) hits: Vec<u64>,
    /// Of the ids and of chance.
    pub(crate) seed: u64,
    /// How many worlds there were before this one.
    pub(crate) generation: u64,
}

/// Why nobody has called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRung {
    From,
    To,
    NoNumber,
}

impl NotRung {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::From => "from: is not a number in E.164",
            Self::To => "to: is no number of the account",
            Self::NoNumber => "the account has no phone number",
        }
    }
}

/// How often an operation was asked for, and how much of its behaviour is known.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Coverage {
    /// `calls_create`
    pub operation_id: String,
    /// How much of its behaviour is known.
    pub fidelity: Fidelity,
    /// How often it was asked for.
    pub hits: u64,
}

impl Shared {
    pub(crate) fn new(
        catalogue: &'static Catalogue,
        settings: Settings,
        base_url: String,
        seed: u64,
        secret_seed: String,
    ) -> Self {
        let world = World::new(settings.clock, seed, &secret_seed, &catalogue.scopes());
        Self {
            state: Mutex::new(State {
                world,
                journal: Journal::default(),
                faults: Faults::default(),
                hits: vec![0; catalogue.operations().len()],
                seed,
                generation: 0,
            }),
            catalogue,
            settings,
            base_url,
            seed,
            secret_seed,
            changed: watch::Sender::new(()),
            watched: watch::Sender::new(()),
        }
    }

    /// The state. Nothing awaits while it is held, and nothing panics: a poisoned lock holds a sound
    /// world.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the world as it is now.
    pub(crate) fn with_world<T>(&self, work: impl FnOnce(&mut Context<'_>) -> T) -> T {
        let mut state = self.state();
        state.world.settle();
        let now = state.world.now();
        work(&mut Context {
            world: &mut state.world,
            settings: &self.settings,
            catalogue: self.catalogue,
            base_url: &self.base_url,
            now,
        })
    }

    /// The generation of the world, the events after this one, and how long it takes until something
    /// happens by itself; by the manual clock nothing does.
    pub(crate) fn with_events(
        &self,
        after: Position,
    ) -> (u64, Vec<(Position, String)>, Option<Duration>) {
        let mut state = self.state();
        state.world.settle();
        let next = self.until_next(&state.world);
        let events = state.world.inbound.events.after(after);
        let events = events
            .map(|(position, event)| (position, event.wire()))
            .collect();
        (state.generation, events, next)
    }

    /// How long somebody waits before something happens by itself: by the real clock until it comes;
    /// per poll, when nobody polls, as long as it would have taken; by the manual clock, for ever.
    pub(crate) fn until_next(&self, world: &World) -> Option<Duration> {
        match self.settings.clock {
            Clock::Real | Clock::PerPoll => (world.next_event()? - world.now()).to_std().ok(),
            Clock::Manual => None,
        }
    }

    /// Somebody has waited for so long.
    pub(crate) fn pass(&self, by: Duration) {
        if self.settings.clock == Clock::PerPoll {
            self.advance(by);
        }
    }

    /// Wakes those who wait for a change of the world or its clock.
    pub(crate) fn notify(&self) {
        self.changed.send_replace(());
        self.show();
    }

    /// Wakes those who watch from outside, whatever has changed: journal and faults too.
    pub(crate) fn show(&self) {
        if self.is_watched() {
            self.watched.send_replace(());
        }
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.watched.receiver_count() > 0
    }

    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.watched.subscribe()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Lets somebody call a number of the account, the oldest where none is named.
    pub(crate) fn ring(
        &self,
        from: String,
        to: Option<&str>,
        script: Vec<String>,
    ) -> Result<Uuid, NotRung> {
        if !numbers::is_e164(&from) {
            return Err(NotRung::From);
        }
        let life = self.settings.call_life;
        let id = self.with_world(|context| {
            let world = &mut *context.world;
            let numbers = world.phones.numbers();
            let first = numbers.first().ok_or(NotRung::NoNumber)?;
            let called = match to {
                None => first,
                Some(to) => numbers
                    .iter()
                    .find(|own| own.number == to)
                    .ok_or(NotRung::To)?,
            };
            let ring = Ring {
                from,
                script,
                forwarding: called.forwarding.clone(),
                hand_off: world.phones.hand_off().map(str::to_owned),
                life,
            };
            Ok(world.inbound.ring(ring, context.now, &mut world.ids))
        })?;
        self.notify();
        Ok(id)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.state().world.advance(by);
        self.notify();
    }

    fn fresh(&self) -> World {
        World::new(
            self.settings.clock,
            self.seed,
            &self.secret_seed,
            &self.catalogue.scopes(),
        )
    }

    /// Everything as it was in the beginning.
    pub(crate) fn reset(&self) {
        let world = self.fresh();
        let mut state = self.state();
        state.world = world;
        state.generation = state.generation.wrapping_add(1);
        state.seed = self.seed;
        state.journal.restart();
        state.faults.clear();
        state.faults.reseed();
        state.hits.fill(0);
        drop(state);
        self.notify();
    }

    pub(crate) fn reseed(&self, seed: u64) {
        let mut state = self.state();
        state.seed = seed;
        state.world.ids.reseed(seed);
        state.faults.reseed();
    }

    /// The world as it is now, as one document.
    pub(crate) fn dump(&self) -> serde_json::Result<serde_json::Value> {
        let mut state = self.state();
        state.world.settle();
        serde_json::to_value(&state.world)
    }

    pub(crate) fn load(&self, mut world: World) {
        world.resume(self.settings.clock);
        // Whoever was told the credentials of this world goes on with them.
        world.adopt(&self.fresh());
        let mut state = self.state();
        state.world = world;
        state.generation = state.generation.wrapping_add(1);
        drop(state);
        self.notify();
    }

    pub(crate) fn coverage(&self) -> Vec<Coverage> {
        let state = self.state();
        self.catalogue
            .operations()
            .iter()
            .zip(&state.hits)
            .map(|(operation, hits)| Coverage {
                operation_id: operation.id().to_owned(),
                fidelity: handler(operation.id())
                    .map_or(Fidelity::Example, |handler| handler.fidelity),
                hits: *hits,
            })
            .collect()
    }
}
