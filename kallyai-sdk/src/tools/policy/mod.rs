//! What an agent may do, whatever it was told.

mod confirm;
mod file;
mod numbers;
mod session;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use confirm::{Confirm, Confirmation};
pub use file::SessionFile;
pub(super) use session::{Limits, Reservation, Session, Subject};

use self::numbers::{Mention, mentions, readings};
use super::definition::Tool;
use super::error::ToolError;
use crate::index::{Dials, Spend};
use crate::phone::{self, E164, Region};
use crate::types::Decimal;

/// As long as a call is taken to be at most, in minutes.
const CALL_MINUTES: u32 = 30;

/// What an agent may do.
///
/// A new policy lets everything pass that the user has agreed to: what dials, spends or cannot be taken back
/// asks first ([`Confirm`]), and is refused where nobody can ask.
///
/// Bounds hold for a session, which is the life of one [`Tools`](super::Tools) or of a [`SessionFile`]. While
/// there is a bound, what cannot be bounded is refused: with a bound of credits what has no price, with a bound
/// of numbers, countries or calls what may ring a phone that is not named in the arguments. A message to the
/// assistant is both. [`allow_unbounded`](Self::allow_unbounded) lets it pass.
#[derive(Debug, Clone)]
#[must_use]
pub struct Policy {
    pub(super) read_only: bool,
    pub(super) limits: Limits,
    pub(super) call_minutes: u32,
    numbers: Option<BTreeSet<E164>>,
    phone: Option<phone::Policy>,
    unbounded: bool,
    confirmation: bool,
    pub(super) confirm: Option<Arc<dyn Confirm>>,
    pub(super) file: Option<SessionFile>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy {
    /// A policy that asks before what matters, and bounds nothing.
    pub fn new() -> Self {
        Self {
            read_only: false,
            limits: Limits::default(),
            call_minutes: CALL_MINUTES,
            numbers: None,
            phone: None,
            unbounded: false,
            confirmation: true,
            confirm: None,
            file: None,
        }
    }

    /// Refuses everything that changes something. It wins over all else.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// The credits that a session may spend, by the service's price list. What is under way counts with
    /// the most that it may cost, a call with [`call_minutes`](Self::call_minutes).
    pub fn credits(mut self, credits: Decimal) -> Self {
        self.limits.credits = Some(credits);
        self
    }

    /// As long as a call is taken to be at most, in minutes; 30 by default. A longer one can cost more than was
    /// set aside for it.
    pub fn call_minutes(mut self, minutes: u32) -> Self {
        self.call_minutes = minutes;
        self
    }

    /// How many calls may be placed in an hour.
    pub fn calls_per_hour(mut self, calls: u32) -> Self {
        self.limits.calls_per_hour = Some(calls);
        self
    }

    /// Lets only these numbers be reached. Called again, it adds to them.
    pub fn numbers(mut self, numbers: impl IntoIterator<Item = E164>) -> Self {
        self.numbers.get_or_insert_default().extend(numbers);
        self
    }

    /// Lets only numbers of these countries be reached; see [`phone::Policy::countries`].
    pub fn countries(mut self, countries: impl IntoIterator<Item = Region>) -> Self {
        self.phone = Some(self.phone.unwrap_or_default().countries(countries));
        self
    }

    /// Refuses premium-rate numbers; see [`phone::Policy::refuse_premium_rate`].
    pub fn refuse_premium_rate(mut self) -> Self {
        self.phone = Some(self.phone.unwrap_or_default().refuse_premium_rate());
        self
    }

    /// Lets pass what cannot be bounded: operations whose price nobody says, and such as may ring phones that
    /// are not named in their arguments. The bounds are not kept by them.
    pub fn allow_unbounded(mut self) -> Self {
        self.unbounded = true;
        self
    }

    /// Asks the user before what dials, spends or cannot be taken back.
    pub fn confirm(mut self, confirm: impl Confirm + 'static) -> Self {
        self.confirm = Some(Arc::new(confirm));
        self
    }

    /// Asks nobody: the bounds alone decide.
    pub fn without_confirmation(mut self) -> Self {
        self.confirmation = false;
        self
    }

    /// Keeps the session in a file, so that several processes have one, and the next one goes on with it.
    pub fn session_file(mut self, file: SessionFile) -> Self {
        self.file = Some(file);
        self
    }

    /// Whether the user is to be asked before this tool is called.
    pub(super) fn asks_before(&self, tool: &Tool) -> bool {
        self.confirmation && tool.hints().destructive
    }

    /// What can be said before it is known what it costs.
    pub(super) fn permits(&self, tool: &Tool, texts: &[String]) -> Result<(), ToolError> {
        if self.read_only && !tool.hints().read_only {
            return Err(ToolError::refused(
                "this session may only read",
                "use tools that read, and tell the user what you would do",
            ));
        }
        if tool.hints().read_only {
            return Ok(());
        }
        let dials = tool.operation().effects.dials;
        let found: Vec<Mention> = texts.iter().flat_map(|text| mentions(text)).collect();
        if self.bounds_numbers() {
            for mention in &found {
                self.permits_mention(mention, dials != Dials::None)?;
            }
        }
        let blind = match dials {
            Dials::None => false,
            // Its number was looked at, and the call is counted.
            Dials::Direct => !found.iter().any(|m| matches!(m, Mention::Number(_))),
            Dials::Indirect => true,
        };
        let bounded = self.bounds_numbers() || self.limits.calls_per_hour.is_some();
        if blind && !self.unbounded && bounded {
            return Err(ToolError::refused(
                "this may ring phones that nobody has named, and the session bounds which phones may ring",
                "place the call itself with calls_create",
            ));
        }
        Ok(())
    }

    fn bounds_numbers(&self) -> bool {
        self.numbers.is_some() || self.phone.is_some()
    }

    /// Whether something that may be a number may stand in the arguments.
    fn permits_mention(&self, mention: &Mention, dials: bool) -> Result<(), ToolError> {
        match mention {
            Mention::Number(numbers) => {
                let mut refused = Ok(());
                for number in numbers {
                    refused = self.reaches(number);
                    if refused.is_ok() {
                        break;
                    }
                }
                refused
            }
            Mention::Unreadable => Err(unreadable()),
            // Of what rings nobody it is an id, or the number of an order.
            Mention::Plain(digits) if dials => self.permits_plain(digits),
            Mention::Plain(_) => Ok(()),
        }
    }

    /// Whether a number without a plus may stand in the arguments.
    fn permits_plain(&self, digits: &str) -> Result<(), ToolError> {
        let bare = digits.trim_start_matches('0');
        if let Some(listed) = &self.numbers {
            let known = listed.iter().any(|number| number.as_str().ends_with(bare));
            return if known { Ok(()) } else { Err(unreadable()) };
        }
        let Some(policy) = &self.phone else {
            return Ok(());
        };
        let (international, national) = readings(bare);
        let is_premium = |number| policy.check(&number) == Err(phone::Refused::PremiumRate);
        let passes = |number: &E164| policy.check(number).is_ok();
        // Many numbers of a country read as another country's without their plus.
        let foreign = international.is_some_and(|number| !passes(&number))
            && !national.as_ref().is_some_and(passes);
        // In which country it would be dialled nobody knows, but what costs more is known by its beginning.
        let refused = foreign || national.is_some_and(is_premium);
        if refused { Err(unreadable()) } else { Ok(()) }
    }

    fn reaches(&self, number: &E164) -> Result<(), ToolError> {
        let listed = self
            .numbers
            .as_ref()
            .is_none_or(|numbers| numbers.contains(number));
        if !listed {
            return Err(ToolError::refused(
                "this number is not among those that may be reached",
                "ask the user, who can allow it",
            ));
        }
        let refused = self
            .phone
            .as_ref()
            .and_then(|policy| policy.check(number).err());
        refused.map_or(Ok(()), |refused| {
            let what = match refused {
                phone::Refused::PremiumRate => {
                    "this number costs more than a call, and may not be reached"
                }
                phone::Refused::Country => "this number is in no country that may be reached",
            };
            Err(ToolError::refused(
                what,
                "use another number, or ask the user, who can allow it",
            ))
        })
    }

    /// Whether something whose cost nobody says may be done.
    pub(super) fn permits_unknown_cost(&self, spend: Spend) -> Result<(), ToolError> {
        if self.limits.credits.is_none() || self.unbounded || spend == Spend::None {
            return Ok(());
        }
        Err(ToolError::refused(
            "nobody says what this costs, and the session has a budget",
            "use a tool that has a price, or ask the user",
        ))
    }
}

fn unreadable() -> ToolError {
    ToolError::refused(
        "a text holds what may be a phone number, and not one that may be reached",
        "write phone numbers as plus and digits, and leave other long numbers out",
    )
}
