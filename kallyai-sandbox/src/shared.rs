//! One world and all that belongs to it, as the server and the handle share it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::builder::Settings;
use crate::catalogue::Catalogue;
use crate::domains::{Context, Fidelity, handler};
use crate::faults::Faults;
use crate::journal::Journal;
use crate::world::World;

pub(crate) struct Shared {
    pub(crate) catalogue: &'static Catalogue,
    pub(crate) settings: Settings,
    pub(crate) base_url: String,
    /// Of the ids of a new world.
    seed: u64,
    secret_seed: String,
    state: Mutex<State>,
    changed: watch::Sender<()>,
}

pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) hits: Vec<u64>,
    /// Of the ids and of chance.
    pub(crate) seed: u64,
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
            }),
            catalogue,
            settings,
            base_url,
            seed,
            secret_seed,
            changed: watch::Sender::new(()),
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

    /// Wakes those who wait for a change of the world or its clock.
    pub(crate) fn notify(&self) {
        self.changed.send_replace(());
    }

    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
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

    pub(crate) fn load(&self, mut world: World) {
        world.resume(self.settings.clock);
        // Whoever was told the credentials of this world goes on with them.
        world.adopt(&self.fresh());
        self.state().world = world;
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
