//! A goal, until it needs the user or is over.

use std::time::Duration;

use kallyai_sdk::operations::coordination::GetGoal;
use kallyai_sdk::types::{Goal, GoalStatus};
use kallyai_sdk::{Client, Settles, Standing, UntilSettled};

use super::{Failure, Session, dry_run, interrupt};
use crate::output::{ErrorShown, Exit, Format, Hints};
use crate::surface::own::WatchGoal;

/// Whoever has seen enough says so.
pub(super) const FOREVER: Duration = Duration::from_secs(30 * 24 * 3600);

/// What is shown of a goal where a line has to do.
const COLUMNS: &[&str] = &["updated_at", "id", "status", "title"];

pub(crate) async fn watch(session: &Session, wanted: &WatchGoal) -> Result<Exit, Failure> {
    dry_run::refuse(session)?;
    let client = session.client()?;
    let output = &session.output;
    let mut interrupted = interrupt::caught().await;
    let spinner = output.spinner("looking");
    let mut states = settling(&client, &wanted.goal_id).states();
    let mut last = None;
    loop {
        let state = tokio::select! {
            () = &mut interrupted => {
                spinner.finish();
                return Err(goes_on(&wanted.goal_id));
            }
            state = states.next() => state,
        };
        let Some(goal) = state.transpose()? else {
            break;
        };
        spinner.set_state(&doing(&goal));
        if output.format() != Format::Human {
            let hints = Hints {
                columns: COLUMNS,
                ..Hints::default()
            };
            output.item(&hints, &serde_json::to_vec(&goal).unwrap_or_default())?;
        }
        last = Some(goal);
    }
    spinner.finish();
    let Some(goal) = last else {
        return Ok(Exit::Done);
    };
    if output.format() == Format::Human {
        let body = serde_json::to_vec(&goal).unwrap_or_default();
        output.answer(&Hints::default(), &body)?;
    }
    Ok(match goal.standing() {
        Standing::NeedsUser => {
            output.note(&needs(&goal));
            Exit::Done
        }
        _ if is_missed(&goal) => Exit::GoalMissed,
        _ => Exit::Done,
    })
}

/// Waits until a goal is over or needs the user, however long that takes.
pub(super) fn settling(client: &Client, id: &str) -> UntilSettled<GetGoal> {
    let goal = client.coordination().get_goal(id);
    goal.until_settled().deadline(FOREVER)
}

/// The status, and the step that is under way.
fn doing(goal: &Goal) -> String {
    let mut steps = goal.steps.iter().flatten();
    match steps.find(|step| step.status.as_str() == "in_progress") {
        Some(step) => format!("{}: {}", goal.status, step.description.as_str()),
        None => goal.status.to_string(),
    }
}

fn is_missed(goal: &Goal) -> bool {
    matches!(goal.status, GoalStatus::Cancelled) || goal.status.as_str() == "failed"
}

/// What a goal waits for, and the commands that let it go on.
pub(super) fn needs(goal: &Goal) -> String {
    // No source names the field: what is not known in it may be anything.
    let waits = goal.extra.get("waiting_for");
    let waits = waits.and_then(|waits| waits.value().as_str());
    let (what, commands, says): (_, &[(&str, &str)], _) = match waits {
        Some("approval") => ("your approval of the next step", &[APPROVE], false),
        Some("outcome") => ("your word on what was reached", &[ACCEPT, CONTINUE], false),
        Some("input" | "attention") => ("an answer of yours", &[], true),
        Some("budget") => ("its budget", &[BUDGET], false),
        Some("soft_cap") => ("your word on its budget", &[CAP], false),
        _ => ("you", &[APPROVE, ACCEPT, CONTINUE, BUDGET, CAP], true),
    };
    let mut lines = vec![format!("the goal waits for {what}:")];
    let commands = commands.iter();
    lines.extend(
        commands.map(|(command, does)| format!("  kallyai {command} {}  ({does})", goal.id)),
    );
    if says {
        lines.push(
            "  kallyai chat --conversation-id ID  (an answer in its conversation)".to_owned(),
        );
    }
    lines.join("\n")
}

const APPROVE: (&str, &str) = ("coord approve-step", "lets the next step be done");
const ACCEPT: (&str, &str) = ("coord accept", "takes what was reached");
const CONTINUE: (&str, &str) = ("coord continue", "goes on negotiating");
const BUDGET: (&str, &str) = ("budget approve", "approves the budget");
const CAP: (&str, &str) = ("budget ack-cap", "goes on above the soft cap");

fn goes_on(id: &str) -> Failure {
    let shown = ErrorShown::new("interrupted", "interrupted: the goal goes on");
    let hint = format!(
        "`kallyai coord watch {id}` looks again; `kallyai coord cancel-goal {id}` cancels it"
    );
    Failure::Shown(Box::new(shown.with_hint(hint)), Exit::Interrupted)
}
