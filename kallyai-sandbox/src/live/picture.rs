//! A picture of the world as the page shows it: the last of everything, and no more of it than fits.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::clock::{Clock, stamp};
use crate::faults::input::FaultInput;
use crate::journal::Kept;
use crate::outcome;
use crate::shared::{Shared, State};
use crate::world::World;
use crate::world::calls::{Call, Status, step};
use crate::world::inbound::calls::{Call as InboundCall, State as Stand};
use crate::world::inbox::Message;
use crate::world::sent::Letter;

/// How many calls, in both directions together.
const CALLS: usize = 30;
const REQUESTS: usize = 60;
const ENTRIES: usize = 20;
const GOALS: usize = 10;
const FAULTS: usize = 50;
const MESSAGES: usize = 20;

/// How many turns of one talk; the last ones.
const TURNS: usize = 60;

/// How many letters of one text.
const LETTERS: usize = 1200;

pub(super) struct Picture {
    pub(super) generation: u64,
    /// By the clock of the world. It moves by itself, and is nothing new.
    pub(super) now: String,
    pub(super) shown: Value,
    /// How long it stays like that, if nobody does anything.
    pub(super) next: Option<Duration>,
}

impl Picture {
    pub(super) fn take(shared: &Shared) -> Self {
        let mut state = shared.state();
        state.world.settle();
        let now = state.world.now();
        let mut picture = Self {
            generation: state.generation,
            now: stamp(now),
            shown: show(shared, &state, now),
            next: next(shared, &state.world, now),
        };
        drop(state);
        shorten(&mut picture.shown);
        picture
    }
}

/// Only by the real clock does anything change by itself: to watch is not to poll.
fn next(shared: &Shared, world: &World, now: DateTime<Utc>) -> Option<Duration> {
    if shared.settings.clock != Clock::Real {
        return None;
    }
    let talks = |call: &Call| call.status(now) == Status::InProgress;
    let inbound = world.inbound.calls.iter().rev().take(CALLS);
    let mut talks_inbound = inbound.filter(|call| !call.is_over() && call.state != Stand::Ringing);
    if world.calls.iter().rev().take(CALLS).any(talks) || talks_inbound.next().is_some() {
        return Some(Duration::ZERO);
    }
    shared.until_next(world)
}

fn show(shared: &Shared, state: &State, now: DateTime<Utc>) -> Value {
    let world = &state.world;
    let credits = json!({
        "balance": world.ledger.balance(world.subscription.plan_type()),
        "history": world.ledger.history(ENTRIES),
    });
    let goals: Vec<Value> = world
        .goals
        .roots()
        .take(GOALS)
        .map(|goal| world.goals.tree(goal, &world.ledger))
        .collect();
    let inbox: Vec<Value> = world
        .inbox
        .iter()
        .take(MESSAGES)
        .map(Message::view)
        .collect();
    let sent: Vec<Value> = world
        .sent
        .iter()
        .rev()
        .take(MESSAGES)
        .map(Letter::view)
        .collect();
    let journal: Vec<Value> = state
        .journal
        .latest()
        .take(REQUESTS)
        .map(Kept::line)
        .collect();
    let faults: Vec<FaultInput> = state
        .faults
        .waiting()
        .iter()
        .take(FAULTS)
        .map(FaultInput::from)
        .collect();
    json!({
        "clock": {
            "kind": shared.settings.clock,
            "advanced_seconds": world.advanced().as_seconds_f64(),
            "step_seconds": step(shared.settings.call_life).as_secs_f64(),
        },
        "calls": calls(world, now),
        "credits": credits,
        "goals": goals,
        "inbox": inbox,
        "sent": sent,
        "journal": journal,
        "faults": faults,
    })
}

/// Both directions in one list, newest first.
fn calls(world: &World, now: DateTime<Utc>) -> Vec<Value> {
    let out = world.calls.iter().rev().take(CALLS);
    let inbound = world.inbound.calls.iter().rev().take(CALLS);
    let mut calls: Vec<(DateTime<Utc>, Value)> = out
        .map(|call| (call.dialled_at, dialled(call, now)))
        .chain(inbound.map(|call| (call.created_at, came(call, now))))
        .collect();
    calls.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    calls.truncate(CALLS);
    calls.into_iter().map(|(_, call)| call).collect()
}

fn dialled(call: &Call, now: DateTime<Utc>) -> Value {
    json!({
        "id": call.id,
        "direction": "out",
        "number": call.to,
        "name": call.text("business_name"),
        "task": call.text("task_description"),
        "status": call.status(now).name(),
        "is_over": call.is_over(),
        "at": stamp(call.dialled_at),
        "ended_at": call.ended_at().map(stamp),
        "credits": call.is_over().then(|| call.cost().json()),
        "transcript": turns(outcome::transcript(call, now)),
    })
}

fn came(call: &InboundCall, now: DateTime<Utc>) -> Value {
    let status = if call.is_over() {
        call.state.status()
    } else {
        call.state.name()
    };
    json!({
        "id": call.id,
        "direction": "in",
        "number": call.from,
        "is_vip": call.vip,
        "status": status,
        "is_over": call.is_over(),
        "at": stamp(call.created_at),
        "transferred_to": call.transferred().map(|(to, _)| to),
        "transcript": turns(call.transcript(now)),
    })
}

/// The last turns of a transcript.
fn turns(transcript: Option<Value>) -> Vec<Value> {
    let mut transcript = transcript.unwrap_or_default();
    let entries = transcript.get_mut("entries").map(Value::take);
    let Some(Value::Array(mut turns)) = entries else {
        return Vec::new();
    };
    turns.split_off(turns.len().saturating_sub(TURNS))
}

/// Cuts what is long, all the way down.
fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LETTERS) {
                text.truncate(end);
                text.push('…');
            }
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}
