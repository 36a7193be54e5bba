//! All tasks, so that those under way are found without looking at the others.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Calls, Credits, Means, Order, Status, Task};

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outreach {
    /// Oldest first.
    tasks: Vec<Task>,
    /// Where those stand that are under way.
    open: Vec<usize>,
}

/// The number of the first task.
const FIRST: usize = 4001;

impl Outreach {
    /// A task that nobody has begun, and that is not kept yet.
    pub(crate) fn draft(&self, order: Order, now: DateTime<Utc>) -> Task {
        let id = format!("ot_{}", self.tasks.len().saturating_add(FIRST));
        Task::new(id, order, now)
    }

    fn place(&self, id: &str) -> Option<usize> {
        let number: usize = id.strip_prefix("ot_")?.parse().ok()?;
        let place = number.checked_sub(FIRST)?;
        (self.tasks.get(place)?.id == id).then_some(place)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Task> {
        self.tasks.get(self.place(id)?)
    }

    /// Keeps a task as it is now.
    pub(crate) fn keep(&mut self, task: Task) {
        let known = self.place(&task.id);
        let place = known.unwrap_or(self.tasks.len());
        self.open.retain(|open| *open != place);
        if task.is_under_way() {
            self.open.push(place);
        }
        match self.tasks.get_mut(place) {
            Some(kept) => *kept = task,
            None => self.tasks.push(task),
        }
    }

    /// Those with one of these statuses, or all; newest first.
    pub(crate) fn with<'a>(
        &'a self,
        wanted: Option<&'a [Status]>,
    ) -> impl Iterator<Item = &'a Task> {
        self.tasks
            .iter()
            .rev()
            .filter(move |task| wanted.is_none_or(|wanted| wanted.contains(&task.status)))
    }

    fn open(&self) -> impl Iterator<Item = (usize, &Task)> {
        self.open
            .iter()
            .filter_map(|place| Some((*place, self.tasks.get(*place)?)))
    }

    /// What the tasks under way will cost; calls are counted by themselves.
    pub(crate) fn reserved(&self) -> Credits {
        self.open().fold(Credits::default(), |sum, (_, task)| {
            sum.plus(task.reserved())
        })
    }

    /// When the next attempt is over; of a call only when the call is.
    pub(crate) fn due(&self, calls: &Calls) -> Option<DateTime<Utc>> {
        self.open().filter_map(|(_, task)| task.due(calls)).min()
    }

    pub(crate) fn settle(&mut self, at: DateTime<Utc>, means: &mut Means<'_>) {
        let over: Vec<(usize, DateTime<Utc>)> = self
            .open()
            .filter_map(|(place, task)| Some((place, task.due(means.calls)?)))
            .filter(|(_, due)| *due <= at)
            .collect();
        for (place, due) in over {
            if let Some(task) = self.tasks.get_mut(place) {
                task.end_attempt(due, means);
            }
            self.open.retain(|open| *open != place);
        }
    }
}
