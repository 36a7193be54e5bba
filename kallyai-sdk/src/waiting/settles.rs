//! What is over, and what waits for somebody.

use crate::types::{Call, Goal, GoalStatus, OutreachStatus, OutreachTask};

/// Whether something goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// It goes on without anybody. So does what has a status that no source names.
    GoesOn,
    /// It waits for the user, and goes on when somebody does something.
    NeedsUser,
    /// Nothing more happens.
    Over,
}

/// What goes on by itself until it is over or needs the user.
pub trait Settles {
    /// How it stands.
    fn standing(&self) -> Standing;
}

impl Settles for Goal {
    /// Completed, cancelled, archived and failed goals are over; one that needs input waits for the user. A
    /// pending goal goes on: no source says that it waits for somebody.
    fn standing(&self) -> Standing {
        match &self.status {
            GoalStatus::Completed | GoalStatus::Cancelled | GoalStatus::Archived => Standing::Over,
            GoalStatus::NeedsInput => Standing::NeedsUser,
            // Steps and tasks can fail; that a goal can is likely, and no source shows the word.
            GoalStatus::Unknown(status) if status == "failed" => Standing::Over,
            _ => Standing::GoesOn,
        }
    }
}

impl Settles for Call {
    /// As [`Call::is_over`] says.
    fn standing(&self) -> Standing {
        if self.is_over() {
            Standing::Over
        } else {
            Standing::GoesOn
        }
    }
}

impl Settles for OutreachTask {
    /// Completed, failed and cancelled tasks are over. One that is awaiting waits for the user, who can retry
    /// it; without a status it goes on.
    fn standing(&self) -> Standing {
        match &self.status {
            Some(
                OutreachStatus::Completed | OutreachStatus::Failed | OutreachStatus::Cancelled,
            ) => Standing::Over,
            Some(OutreachStatus::Awaiting) => Standing::NeedsUser,
            _ => Standing::GoesOn,
        }
    }
}
