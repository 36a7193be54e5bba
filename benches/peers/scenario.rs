//! What each client does.

use clap::ValueEnum;

/// What can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// From the start of a process to its first answer.
    Cold,
    /// The exchange of a code for tokens.
    SignIn,
    /// A call is placed.
    Place,
    /// 1,000 calls are read, by 1, 16 and 256 at once.
    Reads,
    /// A list of 10,000 is walked over.
    List,
    /// Answers of 10,000 entries.
    Decode,
    /// Reads, lists and answers of 10 to 10,000.
    Growth,
    /// A cold build, and the size of the binary.
    Build,
}

/// One of the things that programs can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    Cold,
    SignIn,
    Place,
    Read,
    List,
    Decode,
}

impl Work {
    /// What the programs call it.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::SignIn => "sign_in",
            Self::Place => "place",
            Self::Read => "read",
            Self::List => "list",
            Self::Decode => "decode",
        }
    }
}

/// Some work, so often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) group: Group,
    pub(crate) work: Work,
    /// How many requests, entries of the list, or entries of an answer.
    pub(crate) count: usize,
    pub(crate) in_flight: usize,
}

/// What tells it from the others.
pub(crate) type Key = (Work, usize, usize);

/// The sizes that growth is measured by.
pub(crate) const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// How many exchanges and calls one process does in turn.
const IN_TURN: usize = 200;

/// How many are read at once where growth is measured.
const READS_AT_ONCE: usize = 16;

impl Scenario {
    /// In the order in which they are run; some are in two groups.
    pub(crate) fn all() -> Vec<Self> {
        let one = |group, work, count, in_flight| Self {
            group,
            work,
            count,
            in_flight,
        };
        let mut all = vec![
            one(Group::Cold, Work::Cold, 1, 1),
            one(Group::SignIn, Work::SignIn, IN_TURN, 1),
            one(Group::Place, Work::Place, IN_TURN, 1),
        ];
        for in_flight in [1, READS_AT_ONCE, 256] {
            all.push(one(Group::Reads, Work::Read, 1_000, in_flight));
        }
        all.push(one(Group::List, Work::List, 10_000, 1));
        all.push(one(Group::Decode, Work::Decode, 10_000, 1));
        for (work, in_flight) in [
            (Work::Read, READS_AT_ONCE),
            (Work::List, 1),
            (Work::Decode, 1),
        ] {
            for count in SIZES {
                all.push(one(Group::Growth, work, count, in_flight));
            }
        }
        all
    }

    pub(crate) fn key(&self) -> Key {
        (self.work, self.count, self.in_flight)
    }

    /// As the table calls it.
    pub(crate) fn name(&self) -> String {
        let count = crate::table::thousands(self.count);
        match self.work {
            Work::Cold => {
                "cold start: from the start of the process to the first answer".to_owned()
            }
            Work::SignIn => "sign-in: a code exchanged for tokens".to_owned(),
            Work::Place => "one call placed".to_owned(),
            Work::Read => format!("{count} reads, {} in flight", self.in_flight),
            Work::List => format!("a list of {count}, walked to its end"),
            Work::Decode => format!("an answer of {count} entries"),
        }
    }

    /// By how many the time of a process is shared out.
    pub(crate) fn shared_by(&self) -> usize {
        match self.work {
            Work::SignIn | Work::Place => self.count,
            Work::Decode => (10_000 / self.count.max(1)).max(1),
            Work::Cold | Work::Read | Work::List => 1,
        }
    }

    /// How many processes do it in a round.
    pub(crate) fn processes(&self) -> usize {
        if self.work == Work::Cold { 5 } else { 1 }
    }
}
