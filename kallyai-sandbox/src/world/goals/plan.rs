//! What a message to the assistant leads to. README.md holds the table of the words in brackets.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Gate, Goal, Step, Work};
use crate::ids::Ids;
use crate::numbers;
use crate::world::credits::Credits;
use crate::world::prices::price;

/// Who is called when the message names no number.
const SOMEBODY: &str = "+12025550199";

/// As long as `budget_estimate` takes a call to be.
const CALL_MINUTES: i32 = 5;

/// How much of a message makes a title.
const TITLE: usize = 60;

/// A message, taken apart.
pub(crate) struct Wish {
    pub(crate) text: String,
    /// The words in square brackets, in lower case.
    words: Vec<String>,
    /// The number that it names.
    pub(crate) number: Option<String>,
}

impl Wish {
    pub(crate) fn read(message: &str) -> Self {
        let mut words = Vec::new();
        let mut text = String::new();
        let mut rest = message;
        while let Some((before, behind)) = rest.split_once('[') {
            let Some((word, after)) = behind.split_once(']') else {
                break;
            };
            text.push_str(before);
            words.push(word.trim().to_lowercase());
            rest = after;
        }
        text.push_str(rest);
        Self {
            number: number(&text),
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            words,
        }
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    pub(crate) fn title(&self) -> String {
        let title: String = self.text.chars().take(TITLE).collect();
        if title.is_empty() {
            "A goal".to_owned()
        } else {
            title
        }
    }
}

/// The first thing that looks like a number in E.164, and is long enough to be one.
fn number(text: &str) -> Option<String> {
    text.split('+').skip(1).find_map(|behind| {
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        let number = format!("+{digits}");
        let long = digits.len() >= 7 || numbers::is_emergency(&number);
        (long && numbers::is_e164(&number)).then_some(number)
    })
}

/// What work is taken to cost before it is done.
pub(super) fn estimate(work: &Work) -> Credits {
    match work {
        Work::Search => price("search", "per_query"),
        Work::Booking => price("booking", "per_booking"),
        Work::Call(_) => {
            price("call", "base").plus(price("call", "per_minute").times(CALL_MINUTES))
        }
    }
}

/// The goal of a wish, and its sub-goals.
pub(crate) fn goals(
    wish: &Wish,
    conversation: Uuid,
    step_life: Duration,
    now: DateTime<Utc>,
    ids: &mut Ids,
) -> Vec<Goal> {
    let new = |id, parent, title: String, steps| Goal {
        id,
        conversation,
        parent,
        title,
        description: wish.text.clone(),
        created_at: now,
        updated_at: now,
        step_life,
        steps,
        closing: Vec::new(),
        escalated: false,
        end: None,
        archived: false,
        told: None,
    };
    let gate = |word: &str, gate: Gate| wish.has(word).then_some(gate);
    let to = wish.number.clone().unwrap_or_else(|| SOMEBODY.to_owned());
    let steps = vec![
        Step::new("Look for what is needed", Work::Search)
            .behind(gate("over budget", Gate::Budget)),
        Step::new("Call and ask", Work::Call(to))
            .behind(gate("ask", Gate::Input))
            .behind(gate("approve step", Gate::Approval)),
        Step::new("Book it and report", Work::Booking)
            .behind(gate("sub-goals", Gate::SubGoals))
            .behind(gate("soft cap", Gate::SoftCap)),
    ];
    let mut root = new(ids.uuid(), None, wish.title(), steps);
    root.closing.extend(gate("negotiate", Gate::Outcome));
    let root_id = root.id;
    let mut goals = vec![root];
    if wish.has("sub-goals") {
        let search = |description: &str| vec![Step::new(description, Work::Search)];
        let (first, second, below) = (ids.uuid(), ids.uuid(), ids.uuid());
        let mut compare = search("Compare what there is");
        compare.push(Step::new("Choose", Work::Search).behind(Some(Gate::SubGoals)));
        goals.push(new(
            first,
            Some(root_id),
            "Find the best".to_owned(),
            compare,
        ));
        goals.push(new(
            second,
            Some(root_id),
            "Find out when".to_owned(),
            search("Look at the opening hours"),
        ));
        goals.push(new(
            below,
            Some(first),
            "Read what others say".to_owned(),
            vec![
                Step::new("Find reviews", Work::Search),
                Step::new("Read them", Work::Search),
            ],
        ));
    }
    goals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_apart() {
        let wish = Wish::read("Book [ASK] a table at +12025550101. [Soft Cap] Please [");
        assert_eq!(wish.text, "Book a table at +12025550101. Please [");
        assert!(wish.has("ask") && wish.has("soft cap") && !wish.has("book"));
        assert_eq!(wish.number.as_deref(), Some("+12025550101"));
    }

    #[test]
    fn what_is_no_number_is_not_called() {
        for text in [
            "2 + 2",
            "+1",
            "C++",
            "+12 people",
            "+0123456789",
            "+1234567890123456",
        ] {
            assert_eq!(Wish::read(text).number, None, "{text}");
        }
        assert_eq!(Wish::read("ring +911").number.as_deref(), Some("+911"));
    }
}
