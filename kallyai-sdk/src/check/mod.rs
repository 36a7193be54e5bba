//! What is wrong with a request, before it is sent.
//!
//! Which field must be how stands in the spec: `build/checks.rs` writes the checks of each request from it, and they
//! use the [`rules`] here. What formats cannot say is in [`schedule`].

pub(crate) mod rules;
mod schedule;
pub(crate) mod zone;

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};

pub(crate) use schedule::{Appointment, not_past};

use crate::error::{Error, ErrorCode, Problem};

/// Where in a request a value stands. It is written out only when there is something to say of it.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Request,
    Field(&'static str),
    Item(usize),
}

impl<'a> At<'a> {
    /// The request itself.
    pub(crate) const REQUEST: Self = Self {
        parent: None,
        step: Step::Request,
    };

    pub(crate) fn field(&'a self, name: &'static str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Field(name),
        }
    }

    pub(crate) fn item(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Item(index),
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Request => Ok(()),
            Step::Item(index) => write!(f, "[{index}]"),
            Step::Field(name) => {
                if self.parent.is_some_and(|p| p.parent.is_some()) {
                    f.write_str(".")?;
                }
                f.write_str(name)
            }
        }
    }
}

/// All that is wrong with a request.
#[derive(Debug)]
pub struct Problems {
    /// What time it is while it is checked.
    now: DateTime<Utc>,
    found: Vec<Problem>,
}

impl Problems {
    pub(crate) fn at(now: DateTime<Utc>) -> Self {
        Self {
            now,
            found: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, at: &At<'_>, reason: impl Into<Cow<'static, str>>) {
        self.found.push(Problem::new(at.to_string(), reason, None));
    }

    pub(crate) fn add_with_code(
        &mut self,
        at: &At<'_>,
        reason: impl Into<Cow<'static, str>>,
        code: ErrorCode,
    ) {
        self.found
            .push(Problem::new(at.to_string(), reason, Some(code)));
    }

    /// Adds what another check found.
    pub(crate) fn join(&mut self, checked: Result<(), Error>) {
        if let Err(error) = checked {
            self.found.extend_from_slice(error.problems());
        }
    }

    /// At least one of the lists of fields must be there as a whole: of the one that lacks least, what is
    /// missing is named.
    pub(crate) fn one_of(&mut self, at: &At<'_>, alternatives: &[&[(&'static str, bool)]]) {
        let missing = |fields: &[(&'static str, bool)]| {
            fields.iter().filter(|(_, is_there)| !is_there).count()
        };
        let Some(closest) = alternatives.iter().min_by_key(|fields| missing(fields)) else {
            return;
        };
        for (name, _) in closest.iter().filter(|(_, is_there)| !is_there) {
            self.add(&at.field(name), "it is missing");
        }
    }

    /// A field that would be sent twice: which of the two the service reads, nobody knows.
    pub(crate) fn duplicate(&mut self, at: &At<'_>, name: &'static str) {
        self.add(
            &at.field(name),
            "it is set, and set again as an extra field",
        );
    }

    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid_request(self.found))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_people_write_it() {
        let at = At::REQUEST;
        assert_eq!(at.to_string(), "");
        assert_eq!(at.field("limit").to_string(), "limit");
        let submission = at.field("submission");
        assert_eq!(
            submission.field("party_size").to_string(),
            "submission.party_size"
        );
        let list = at.field("message_ids");
        let item = list.item(3);
        assert_eq!(item.to_string(), "message_ids[3]");
        assert_eq!(item.field("id").to_string(), "message_ids[3].id");
    }

    #[test]
    fn of_alternatives_the_closest_counts() {
        let check = |alternatives: &[&[(&'static str, bool)]]| {
            let mut problems = Problems::at(DateTime::UNIX_EPOCH);
            problems.one_of(&At::REQUEST, alternatives);
            let error = problems.finish().err();
            error.map(|e| {
                e.problems()
                    .iter()
                    .map(|p| p.field().to_owned())
                    .collect::<Vec<_>>()
            })
        };
        let fields = |names: &[&str]| Some(names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!(check(&[]), None);
        assert_eq!(check(&[&[("a", false)], &[("b", true)]]), None);
        assert_eq!(check(&[&[("a", false)], &[("b", false)]]), fields(&["a"]));
        assert_eq!(
            check(&[&[("a", false), ("b", false)], &[("c", true), ("d", false)]]),
            fields(&["d"])
        );
    }

    #[test]
    fn all_problems_come_in_one_error() {
        let mut problems = Problems::at(DateTime::UNIX_EPOCH);
        problems.add(&At::REQUEST.field("a"), "it is so");
        problems.join(Err(Error::invalid_input("b", "it is thus")));
        problems.add_with_code(
            &At::REQUEST.field("c"),
            "it is past",
            ErrorCode::SchedulingViolation,
        );
        problems.add(&At::REQUEST.field("a"), "it is also not so");
        let error = problems.finish().unwrap_err();
        let fields: Vec<&str> = error.problems().iter().map(Problem::field).collect();
        assert_eq!(fields, ["a", "b", "c", "a"]);
        assert_eq!(error.field(), Some("a"));
        assert_eq!(error.code(), Some(&ErrorCode::SchedulingViolation));
        assert_eq!(
            error.to_string(),
            "3 fields are not valid: a: it is so; b: it is thus; c: it is past; a: it is also not so; \
             choose another time"
        );
        assert!(Problems::at(DateTime::UNIX_EPOCH).finish().is_ok());
    }
}
