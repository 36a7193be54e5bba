//! Goals: their steps, what they wait for, and how they end.

mod plan;
mod view;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use uuid::Uuid;

use super::calls::{Calls, Dial};
use super::credits::{Credits, Ledger};
use super::log::{ActionLog, Deed, Kind};
use super::prices::price;
use crate::clock::{delta, later};
use crate::ids::Ids;
use crate::numbers::{self, Fate};

pub(crate) use plan::{Wish, goals as plan};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Goal {
    pub(crate) id: Uuid,
    pub(crate) conversation: Uuid,
    parent: Option<Uuid>,
    pub(crate) title: String,
    description: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// How long a step takes; one that calls takes as long as the call.
    step_life: Duration,
    steps: Vec<Step>,
    /// What is to happen after the last step.
    closing: Vec<Gate>,
    escalated: bool,
    end: Option<End>,
    archived: bool,
    /// What the user was told of it last.
    told: Option<News>,
}

/// What a goal works with.
pub(crate) struct Means<'a> {
    pub(crate) calls: &'a mut Calls,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) log: &'a mut ActionLog,
    pub(crate) ids: &'a mut Ids,
}

#[derive(Clone, Serialize, Deserialize)]
struct Step {
    description: String,
    work: Work,
    /// What is to happen before it starts.
    gates: Vec<Gate>,
    state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Work {
    Search,
    Booking,
    /// To this number.
    Call(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Pending,
    Running {
        since: DateTime<Utc>,
        call: Option<Uuid>,
    },
    Completed,
    Cancelled,
}

/// What a goal waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Gate {
    Budget,
    SoftCap,
    /// An answer in the conversation.
    Input,
    Approval,
    SubGoals,
    /// What was reached is to be accepted, or negotiated further.
    Outcome,
    /// Somebody has escalated the goal.
    Attention,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    Completed,
    Cancelled,
}

/// What the user is told of a goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    Completed,
    Waits(Gate),
}

impl Work {
    fn action(&self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Booking => "booking",
            Self::Call(_) => "call",
        }
    }
}

impl Gate {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::SoftCap => "soft_cap",
            Self::Input => "input",
            Self::Approval => "approval",
            Self::SubGoals => "sub_goals",
            Self::Outcome => "outcome",
            Self::Attention => "attention",
        }
    }
}

impl Step {
    fn new(description: &str, work: Work) -> Self {
        Self {
            description: description.to_owned(),
            work,
            gates: Vec::new(),
            state: State::Pending,
        }
    }

    fn behind(mut self, gate: Option<Gate>) -> Self {
        self.gates.extend(gate);
        self
    }

    fn is_running(&self) -> bool {
        matches!(self.state, State::Running { .. })
    }

    /// When it is done; of a call only when the call is.
    fn ends_at(&self, life: Duration, calls: &Calls) -> Option<DateTime<Utc>> {
        match self.state {
            State::Running {
                call: Some(call), ..
            } => calls.find(call)?.ended_at(),
            State::Running { since, call: None } => Some(later(since, delta(life))),
            _ => None,
        }
    }
}

impl Goal {
    pub(crate) fn end(&self) -> Option<End> {
        self.end
    }

    fn next(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.state == State::Pending)
    }

    fn gates(&mut self) -> &mut Vec<Gate> {
        match self
            .steps
            .iter_mut()
            .find(|step| step.state == State::Pending)
        {
            Some(step) => &mut step.gates,
            None => &mut self.closing,
        }
    }

    /// What it waits for now; nothing while a step is under way.
    pub(crate) fn waits_for(&self) -> Option<Gate> {
        if self.end.is_some() || self.steps.iter().any(Step::is_running) {
            return None;
        }
        if self.escalated {
            return Some(Gate::Attention);
        }
        self.next()
            .map_or(&self.closing, |step| &step.gates)
            .first()
            .copied()
    }

    /// Opens a gate that is next, or lies before the next step while one is under way.
    pub(crate) fn open(&mut self, gate: Gate, now: DateTime<Utc>) -> bool {
        let opened = if gate == Gate::Attention {
            std::mem::take(&mut self.escalated)
        } else {
            let gates = self.gates();
            let before = gates.len();
            gates.retain(|known| *known != gate);
            gates.len() < before
        };
        if opened {
            self.updated_at = now;
        }
        opened
    }

    /// Whether this gate is still before it, anywhere on its way.
    pub(crate) fn has(&self, gate: Gate) -> bool {
        self.steps
            .iter()
            .filter(|step| step.state == State::Pending)
            .any(|step| step.gates.contains(&gate))
    }

    /// Opens a gate wherever it stands on the way.
    pub(crate) fn open_all(&mut self, gate: Gate, now: DateTime<Utc>) {
        for step in &mut self.steps {
            step.gates.retain(|known| *known != gate);
        }
        self.updated_at = now;
    }

    pub(crate) fn escalate(&mut self, now: DateTime<Utc>) {
        self.escalated = true;
        self.updated_at = now;
    }

    pub(crate) fn archive(&mut self, now: DateTime<Utc>) -> bool {
        let possible = self.is_archivable();
        if possible {
            self.archived = true;
            self.updated_at = now;
        }
        possible
    }

    /// Whether it can be archived.
    pub(crate) fn is_archivable(&self) -> bool {
        self.end.is_some() && !self.archived
    }

    /// Calls once more, and waits for the outcome again.
    pub(crate) fn negotiate(&mut self, now: DateTime<Utc>) {
        self.open(Gate::Outcome, now);
        let to = self.steps.iter().rev().find_map(|step| match &step.work {
            Work::Call(to) => Some(to.clone()),
            _ => None,
        });
        let work = to.map_or(Work::Search, Work::Call);
        let place = self
            .steps
            .iter()
            .position(|step| step.state == State::Pending)
            .unwrap_or(self.steps.len());
        self.steps.insert(place, Step::new("Ask for more", work));
        if place + 1 == self.steps.len() {
            self.closing.push(Gate::Outcome);
        }
    }

    /// What going on negotiating is taken to cost.
    pub(crate) fn cost_of_negotiating(&self) -> Credits {
        let call = self
            .steps
            .iter()
            .rev()
            .find(|step| matches!(step.work, Work::Call(_)));
        call.map_or(price("search", "per_query"), |step| {
            plan::estimate(&step.work)
        })
    }

    pub(crate) fn status(&self) -> &'static str {
        if self.archived {
            return "archived";
        }
        match (self.end, self.waits_for()) {
            (Some(End::Completed), _) => "completed",
            (Some(End::Cancelled), _) => "cancelled",
            _ if self.escalated => "needs_input",
            (None, Some(Gate::Budget)) => "pending",
            (None, None | Some(Gate::SubGoals)) => "active",
            (None, Some(_)) => "needs_input",
        }
    }

    /// What the user was not told of it yet. Who has escalated or cancelled it knows that.
    pub(crate) fn news(&mut self) -> Option<News> {
        let news = match (self.end, self.waits_for()) {
            (Some(End::Completed), _) => Some(News::Completed),
            (_, None | Some(Gate::SubGoals | Gate::Attention)) => None,
            (_, Some(gate)) => Some(News::Waits(gate)),
        };
        if self.parent.is_some() || news == self.told {
            return None;
        }
        self.told = news;
        news
    }

    /// What is being done.
    pub(crate) fn current_step(&self) -> Option<&str> {
        let running = self.steps.iter().find(|step| step.is_running());
        let step = running.or_else(|| self.next())?;
        Some(&step.description)
    }

    pub(crate) fn estimated(&self) -> Credits {
        self.steps.iter().fold(Credits::default(), |sum, step| {
            sum.plus(plan::estimate(&step.work))
        })
    }

    /// What is not begun yet; begun calls are counted by themselves.
    pub(crate) fn outstanding(&self) -> Credits {
        if self.end.is_some() {
            return Credits::default();
        }
        self.steps
            .iter()
            .filter(|step| match step.state {
                State::Pending => true,
                State::Running { call, .. } => call.is_none(),
                State::Completed | State::Cancelled => false,
            })
            .fold(Credits::default(), |sum, step| {
                sum.plus(plan::estimate(&step.work))
            })
    }

    fn finish(&mut self, end: End, at: DateTime<Utc>) {
        self.end = Some(end);
        self.updated_at = at;
        for step in &mut self.steps {
            if matches!(step.state, State::Pending | State::Running { .. }) {
                step.state = State::Cancelled;
            }
        }
    }

    /// Ends the step under way when its time has come.
    fn end_step(&mut self, at: DateTime<Utc>, means: &mut Means<'_>) -> bool {
        let life = self.step_life;
        let Some(step) = self
            .steps
            .iter_mut()
            .find(|step| step.ends_at(life, means.calls).is_some_and(|end| end <= at))
        else {
            return false;
        };
        let call = match step.state {
            State::Running { call, .. } => call.and_then(|call| means.calls.find(call)),
            _ => None,
        };
        step.state = State::Completed;
        let reached = call.is_none_or(super::calls::Call::succeeded);
        // A call debits by itself.
        if call.is_none() {
            let cost = plan::estimate(&step.work);
            let text = step.description.clone();
            means
                .ledger
                .debit(step.work.action(), text, cost, at, Some(self.id));
            // A search is no action, and a call says for itself what it has arranged.
            if matches!(step.work, Work::Booking) {
                let deed = Deed {
                    kind: Kind::Booking,
                    description: format!("Booked for the goal: {}", self.title),
                    status: "completed",
                    undo: None,
                };
                means.log.note(deed, at);
            }
        }
        if !reached {
            self.gates().insert(0, Gate::Outcome);
        }
        self.updated_at = at;
        true
    }

    /// Starts the next step, or ends the goal.
    fn begin_step(&mut self, at: DateTime<Utc>, means: &mut Means<'_>) {
        self.updated_at = at;
        let (goal, life) = (self.id, self.step_life);
        let task = task(&self.description);
        let Some(step) = self
            .steps
            .iter_mut()
            .find(|step| step.state == State::Pending)
        else {
            self.finish(End::Completed, at);
            return;
        };
        let call = match (&step.work, fate(&step.work)) {
            (Work::Call(to), Some(outcome)) => {
                let id = means.ids.uuid();
                let mut submission = Map::new();
                submission.insert("task_category".to_owned(), json!("general"));
                submission.insert("task_description".to_owned(), json!(task));
                submission.insert("respondent_phone".to_owned(), json!(to));
                means.calls.dial(
                    Dial {
                        id,
                        to: to.clone(),
                        submission,
                        idempotency_key: None,
                        outcome,
                        life,
                        goal: Some(goal),
                    },
                    at,
                );
                Some(id)
            }
            _ => None,
        };
        step.state = State::Running { since: at, call };
    }

    pub(crate) fn used(&self, ledger: &Ledger) -> Credits {
        ledger
            .of_goal(self.id)
            .fold(Credits::default(), |sum, (_, credits, _)| sum.plus(credits))
    }
}

/// How a call of this work ends; a number that is refused was refused with the message.
fn fate(work: &Work) -> Option<super::calls::Status> {
    match work {
        Work::Call(to) => match numbers::fate(to) {
            Fate::Ends(status) => Some(status),
            Fate::Refused(_) => None,
        },
        Work::Search | Work::Booking => None,
    }
}

/// A task has 10 to 1000 characters.
fn task(text: &str) -> String {
    format!("Asked by message: {text}")
        .chars()
        .take(1000)
        .collect()
}

/// All goals, oldest first; a goal stands before its sub-goals.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Goals(Vec<Goal>);

impl Goals {
    pub(crate) fn add(&mut self, goals: Vec<Goal>) {
        self.0.extend(goals);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Goal> {
        let id = Uuid::parse_str(id).ok()?;
        self.0.iter().find(|goal| goal.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Goal> {
        let id = Uuid::parse_str(id).ok()?;
        self.0.iter_mut().find(|goal| goal.id == id)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Goal> {
        self.0.iter_mut()
    }

    /// Goals that stand under no other, newest first.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &Goal> {
        self.0.iter().rev().filter(|goal| goal.parent.is_none())
    }

    /// The newest goal of a conversation that waits for an answer.
    pub(crate) fn asking(&mut self, conversation: Uuid) -> Option<&mut Goal> {
        self.0.iter_mut().rev().find(|goal| {
            goal.conversation == conversation
                && matches!(goal.waits_for(), Some(Gate::Input | Gate::Attention))
        })
    }

    fn children(&self, id: Uuid) -> impl Iterator<Item = &Goal> {
        self.0.iter().filter(move |goal| goal.parent == Some(id))
    }

    /// A goal and all below it.
    pub(crate) fn family(&self, id: Uuid) -> BTreeSet<Uuid> {
        let mut family = BTreeSet::from([id]);
        // Sub-goals stand behind the goals above them.
        for goal in &self.0 {
            if goal.parent.is_some_and(|parent| family.contains(&parent)) {
                family.insert(goal.id);
            }
        }
        family
    }

    /// Cancels those of these goals that are not over, and hangs up their calls.
    pub(crate) fn cancel(
        &mut self,
        ids: &BTreeSet<Uuid>,
        now: DateTime<Utc>,
        calls: &mut Calls,
        ledger: &mut Ledger,
    ) {
        for goal in &mut self.0 {
            if !ids.contains(&goal.id) || goal.end.is_some() {
                continue;
            }
            for step in &goal.steps {
                if let State::Running {
                    call: Some(call), ..
                } = step.state
                {
                    calls.change(call, |call| call.stop(now, ledger));
                }
            }
            goal.finish(End::Cancelled, now);
        }
    }

    /// What the goals will cost whose budget is not in question.
    pub(crate) fn reserved(&self) -> Credits {
        self.0
            .iter()
            .filter(|goal| !goal.has(Gate::Budget))
            .fold(Credits::default(), |sum, goal| sum.plus(goal.outstanding()))
    }

    /// When the next step ends.
    pub(crate) fn due(&self, calls: &Calls) -> Option<DateTime<Utc>> {
        self.0
            .iter()
            .filter(|goal| goal.end.is_none())
            .flat_map(|goal| {
                goal.steps
                    .iter()
                    .filter_map(|step| step.ends_at(goal.step_life, calls))
            })
            .min()
    }

    /// Lets every goal go as far as it gets.
    pub(crate) fn settle(&mut self, at: DateTime<Utc>, means: &mut Means<'_>) {
        loop {
            let busy: BTreeSet<Uuid> = self
                .0
                .iter()
                .filter(|goal| goal.end.is_none())
                .filter_map(|goal| goal.parent)
                .collect();
            let mut moved = false;
            for goal in self.0.iter_mut().filter(|goal| goal.end.is_none()) {
                moved |= goal.end_step(at, means);
                if !busy.contains(&goal.id) {
                    moved |= goal.open(Gate::SubGoals, at);
                }
                let idle = !goal.steps.iter().any(Step::is_running);
                if idle && goal.waits_for().is_none() {
                    goal.begin_step(at, means);
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }
}
