//! A conversation with the assistant: each line of standard input is a message.

use std::collections::BTreeSet;

use kallyai_sdk::types::Goal;
use kallyai_sdk::{Client, Error, Settles, Standing};
use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::consent::{self, Planned};
use super::request::hints;
use super::{Failure, Session, dry_run, goal, interrupt, stdin};
use crate::output::{ErrorShown, Exit, Format, Hints};
use crate::surface::own::Chat;

const OPERATION: &str = "coordination_send_message";

/// What is shown of a reply where a line has to do.
const COLUMNS: &[&str] = &["conversation_id", "goal_id", "response", "message"];

pub(crate) async fn run(session: &Session, chat: Chat) -> Result<Exit, Failure> {
    dry_run::refuse(session)?;
    let mut talk = Talk {
        session,
        client: session.client()?,
        conversation: chat.conversation_id,
    };
    let (tell, mut news) = mpsc::unbounded_channel();
    let mut goals = Goals {
        under_way: BTreeSet::new(),
        tell,
    };
    let is_typed_to = session.output.is_typed_to();
    let mut interrupted = interrupt::caught().await;
    loop {
        session.output.prompt();
        let mut line = std::pin::pin!(stdin::line());
        let line = loop {
            tokio::select! {
                biased;
                () = &mut interrupted => {
                    if is_typed_to {
                        // What is said begins below the prompt.
                        session.output.note("");
                    }
                    return Err(talk.interrupted(&goals, false));
                }
                line = &mut line => break line?,
                Some((id, settled)) = news.recv() => {
                    goals.under_way.remove(&id);
                    // It begins below the prompt; what is being typed stays with the terminal.
                    let below = if is_typed_to { "\n" } else { "" };
                    session.output.note(&format!("{below}{}", said(&id, &settled)));
                    session.output.prompt();
                }
            }
        };
        let message = match line.as_deref().map(str::trim) {
            Some("") => continue,
            Some("/quit") | None => break,
            Some(message) => message,
        };
        let reply = tokio::select! {
            biased;
            () = &mut interrupted => return Err(talk.interrupted(&goals, true)),
            reply = talk.say(message) => reply,
        };
        match reply {
            Ok(Some(goal)) if session.output.format() == Format::Human => {
                goals.watch(&talk.client, goal);
            }
            Ok(_) => {}
            // Whoever types can put it another way; whoever does not would be answered out of step.
            Err(failure @ (Failure::Library(_) | Failure::Shown(..))) if is_typed_to => {
                if failure.tell(&session.output) == Exit::Interrupted {
                    return Ok(Exit::Interrupted);
                }
            }
            Err(failure) => return Err(failure),
        }
    }
    if is_typed_to {
        session.output.note(&talk.rest(&goals));
    }
    Ok(Exit::Done)
}

struct Talk<'a> {
    session: &'a Session,
    client: Client,
    /// The conversation; none before the first reply.
    conversation: Option<String>,
}

impl Talk<'_> {
    /// Says something, and prints the reply. Gives the goal that is under way for it.
    async fn say(&mut self, message: &str) -> Result<Option<String>, Failure> {
        let output = &self.session.output;
        let mut arguments = Map::new();
        arguments.insert("message".to_owned(), message.into());
        if let Some(id) = &self.conversation {
            arguments.insert("conversation_id".to_owned(), id.as_str().into());
        }
        let request = self.client.operation(OPERATION, Value::Object(arguments))?;
        let operation = request.info();
        consent::ask(self.session, &Planned::said(operation, message)).await?;
        let spinner = output.spinner("waiting for the answer");
        let answer = request.await?;
        spinner.finish();
        let body = answer.value.bytes();
        match output.format() {
            Format::Human => output.answer(&hints(operation, &[]), body)?,
            Format::Json | Format::Plain => {
                let hints = Hints {
                    columns: COLUMNS,
                    ..Hints::default()
                };
                output.item(&hints, body)?;
            }
        }
        let reply: Value = answer.value.json().unwrap_or_default();
        let text = |name: &str| {
            let text = reply.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        if let Some(id) = text("conversation_id") {
            self.conversation = Some(id);
        }
        let is_over = reply.get("goal_completed") == Some(&Value::Bool(true));
        Ok(text("goal_id").filter(|_| !is_over))
    }

    /// What goes on, and how to go on with it.
    fn rest(&self, goals: &Goals) -> String {
        let mut parts = Vec::new();
        if let Some(id) = &self.conversation {
            parts.push(format!(
                "`kallyai chat --conversation-id {id}` goes on with the conversation"
            ));
        }
        for id in &goals.under_way {
            parts.push(format!("`kallyai coord watch {id}` looks at the goal"));
        }
        parts.join("; ")
    }

    fn interrupted(&self, goals: &Goals, is_unanswered: bool) -> Failure {
        let mut message = vec!["interrupted".to_owned()];
        if is_unanswered {
            let unknown = "the last message may have been taken, and may have set a goal going";
            message.push(unknown.to_owned());
        }
        match goals.under_way.len() {
            0 => {}
            1 => message.push("one goal goes on".to_owned()),
            count => message.push(format!("{count} goals go on")),
        }
        let mut shown = ErrorShown::new("interrupted", message.join(": "));
        let mut hint = self.rest(goals);
        if is_unanswered {
            let look = "`kallyai coord goals` lists the goals";
            hint = if hint.is_empty() {
                look.to_owned()
            } else {
                format!("{hint}; {look}")
            };
        }
        shown.hint = Some(hint).filter(|hint| !hint.is_empty());
        Failure::Shown(Box::new(shown), Exit::Interrupted)
    }
}

/// The goals that are watched while the conversation goes on.
struct Goals {
    under_way: BTreeSet<String>,
    tell: mpsc::UnboundedSender<(String, Result<Goal, Error>)>,
}

impl Goals {
    fn watch(&mut self, client: &Client, id: String) {
        if !self.under_way.insert(id.clone()) {
            return;
        }
        let settled = goal::settling(client, &id).into_future();
        let tell = self.tell.clone();
        tokio::spawn(async move {
            // The conversation may be over.
            let _ = tell.send((id, settled.await));
        });
    }
}

/// What has become of a goal.
fn said(id: &str, settled: &Result<Goal, Error>) -> String {
    match settled {
        Ok(goal) if goal.standing() == Standing::NeedsUser => {
            format!("{}: {}", goal.title.as_str(), goal::needs(goal))
        }
        Ok(goal) => format!("{}: {}", goal.title.as_str(), goal.status),
        Err(error) => format!("the goal {id} cannot be watched any more: {error}"),
    }
}
