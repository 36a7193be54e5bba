//! Faults: what goes wrong on purpose, for which operation, and how often.

pub(crate) mod input;
pub(crate) mod shape;
pub(crate) mod trickle;

use std::time::Duration;

use crate::catalogue::{Catalogue, Operation};
use crate::ids;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The work begins later.
    Latency(Duration),
    /// The body comes in eight pieces, a stream of events event by event, with this pause before each.
    SlowBody(Duration),
    /// 429, the work is not done.
    RateLimit {
        /// The header: seconds or an HTTP date.
        retry_after: Option<String>,
    },
    /// A status from 500 to 599, the work is not done.
    ServerError {
        /// The status.
        status: u16,
    },
    /// A published error of the operation, the work is not done.
    Published {
        /// The code.
        code: String,
    },
    /// The connection is reset, the work is not done.
    ResetBefore,
    /// The connection is reset when the work is done; of a stream of events, behind the first event.
    ResetAfter,
    /// The body is announced in full and ends in the middle; a stream of events in the middle of the
    /// first event.
    CutBody,
    /// The body is half of a JSON document.
    BrokenJson,
    /// One enum value is one that nobody has heard of.
    UnknownEnum,
    /// Every object has a field more.
    UnknownField,
    /// Numbers are strings.
    StringNumbers,
    /// The other published shape of the answer.
    AlternateShape,
}

impl FaultKind {
    /// Slowness goes together with everything else.
    fn is_slowness(&self) -> bool {
        matches!(self, Self::Latency(_) | Self::SlowBody(_))
    }
}

/// A fault for one operation or for all. One that bends an answer waits for an answer that it can
/// bend.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Fault {
    operation_id: Option<String>,
    kind: FaultKind,
    how_often: HowOften,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum HowOften {
    Times(u32),
    Probability(f64),
}

impl Fault {
    /// A fault that hits the next request of this operation.
    pub fn on(operation_id: impl Into<String>, kind: FaultKind) -> Self {
        Self {
            operation_id: Some(operation_id.into()).filter(|id| id != "*"),
            kind,
            how_often: HowOften::Times(1),
        }
    }

    /// A fault that hits the next request, whatever its operation.
    pub fn everywhere(kind: FaultKind) -> Self {
        Self::on("*", kind)
    }

    /// Hits this many requests.
    pub fn times(mut self, times: u32) -> Self {
        self.how_often = HowOften::Times(times);
        self
    }

    /// Hits requests by chance, from 0 to 1, until the faults are cleared. The chance follows the seed.
    pub fn probability(mut self, probability: f64) -> Self {
        self.how_often = HowOften::Probability(probability);
        self
    }

    /// Refuses what can never hit: it is a mistake.
    pub(crate) fn possible(&self, catalogue: &Catalogue) -> Result<(), &'static str> {
        let Some(id) = self.operation_id() else {
            return match self.kind {
                FaultKind::Published { .. } => Err("operation_id: error is for one operation"),
                _ => Ok(()),
            };
        };
        match catalogue.operation(id) {
            None => Err("operation_id: is not known"),
            Some(operation) if !self.kind.is_documented(operation) => {
                Err("code: is no error of this operation")
            }
            Some(operation) if !self.kind.fits(catalogue, operation) => {
                Err("fault: no answer of this operation can be bent like that")
            }
            Some(_) => Ok(()),
        }
    }

    /// The operation that it is for; none where it is for all.
    pub fn operation_id(&self) -> Option<&str> {
        self.operation_id.as_deref()
    }
}

/// The faults that wait for requests.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    draws: u64,
    /// How often they were cleared.
    generation: u64,
}

/// What hits one request.
#[derive(Debug, Default)]
pub(crate) struct Hit {
    pub(crate) latency: Duration,
    pub(crate) slow_body: Option<Duration>,
    pub(crate) fault: Option<FaultKind>,
    /// The fault, as it is to be given back when it bends nothing.
    spent: Option<(Fault, u64)>,
}

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) {
        self.waiting.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.generation = self.generation.wrapping_add(1);
    }

    /// Those that wait, in the order in which they came.
    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.waiting
    }

    /// Starts the chance over, for another seed.
    pub(crate) fn reseed(&mut self) {
        self.draws = 0;
    }

    /// Takes back a fault that has bent nothing: it waits for a request for which it does.
    pub(crate) fn give_back(&mut self, hit: &Hit) {
        let Some((fault, generation)) = &hit.spent else {
            return;
        };
        if *generation != self.generation {
            return;
        }
        let waiting = self.waiting.iter_mut().find_map(|waiting| {
            let same = waiting.kind == fault.kind && waiting.operation_id == fault.operation_id;
            match &mut waiting.how_often {
                HowOften::Times(left) if same => Some(left),
                _ => None,
            }
        });
        match waiting {
            Some(left) => *left = left.saturating_add(1),
            None => self.waiting.insert(0, fault.clone()),
        }
    }

    /// Decides what hits a request: any slowness, and the first of the other faults, so that several
    /// injected one after another hit one request after another.
    pub(crate) fn draw(&mut self, operation_id: &str, seed: u64) -> Hit {
        let mut hit = Hit::default();
        for fault in &mut self.waiting {
            let meant = fault
                .operation_id
                .as_deref()
                .is_none_or(|id| id == operation_id);
            if !meant || (hit.fault.is_some() && !fault.kind.is_slowness()) {
                continue;
            }
            let strikes = match &mut fault.how_often {
                HowOften::Times(left) => {
                    let some = *left > 0;
                    *left = left.saturating_sub(1);
                    some
                }
                HowOften::Probability(probability) => {
                    self.draws = self.draws.saturating_add(1);
                    let drawn = ids::number("fault", seed, self.draws, 1_000_000);
                    f64::from(drawn) < *probability * 1_000_000.0
                }
            };
            if strikes {
                match &fault.kind {
                    FaultKind::Latency(by) => hit.latency = hit.latency.saturating_add(*by),
                    FaultKind::SlowBody(by) => hit.slow_body = Some(*by),
                    other => {
                        hit.fault = Some(other.clone());
                        if let HowOften::Times(_) = fault.how_often {
                            hit.spent = Some((fault.clone().times(1), self.generation));
                        }
                    }
                }
            }
        }
        self.waiting
            .retain(|fault| fault.how_often != HowOften::Times(0));
        hit
    }
}

impl FaultKind {
    /// Whether a published error is one of this operation.
    fn is_documented(&self, operation: &Operation) -> bool {
        match self {
            Self::Published { code } => operation.documents(code),
            _ => true,
        }
    }

    /// Whether an answer of this operation can be bent like that at all.
    fn fits(&self, catalogue: &Catalogue, operation: &Operation) -> bool {
        match self {
            Self::UnknownEnum => shape::has_enum(catalogue, operation),
            Self::StringNumbers => shape::has_number(catalogue, operation),
            // The others find something in every error at least.
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_hit_one_request_after_another_and_slowness_goes_with_them() {
        let mut faults = Faults::default();
        faults.inject(Fault::on("a", FaultKind::ResetBefore));
        faults.inject(Fault::on("*", FaultKind::CutBody));
        faults.inject(Fault::everywhere(FaultKind::Latency(Duration::from_millis(5))).times(2));
        assert_eq!(faults.draw("a", 0).fault, Some(FaultKind::ResetBefore));
        let second = faults.draw("a", 0);
        assert_eq!(second.fault, Some(FaultKind::CutBody));
        assert_eq!(second.latency, Duration::from_millis(5));
        let third = faults.draw("a", 0);
        assert_eq!((third.fault, third.latency), (None, Duration::ZERO));
        assert!(faults.waiting.is_empty());
    }

    #[test]
    fn chance_follows_the_seed() {
        let hits = |seed| {
            let mut faults = Faults::default();
            faults.inject(Fault::everywhere(FaultKind::CutBody).probability(0.3));
            (0..1000)
                .map(|_| faults.draw("a", seed).fault.is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(hits(1), hits(1));
        assert_ne!(hits(1), hits(2));
        let count = hits(1).into_iter().filter(|hit| *hit).count();
        assert!((250..350).contains(&count), "{count}");
    }
}
