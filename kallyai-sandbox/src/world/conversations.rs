//! Conversations with the assistant.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::stamp;

/// Oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Conversations {
    list: Vec<Conversation>,
    /// All messages, in the order in which they were said.
    messages: Vec<Message>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Conversation {
    id: Uuid,
    title: Option<String>,
    created_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Message {
    id: String,
    conversation: Uuid,
    speaker: Speaker,
    text: String,
    at: DateTime<Utc>,
    goal: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Speaker {
    User,
    Assistant,
}

/// What is said, and about which goal.
pub(crate) struct Saying<'a> {
    pub(crate) speaker: Speaker,
    pub(crate) text: &'a str,
    pub(crate) goal: Option<Uuid>,
}

impl Conversations {
    pub(crate) fn find(&self, id: &str) -> Option<Uuid> {
        let id = Uuid::parse_str(id).ok()?;
        self.list
            .iter()
            .find_map(|known| (known.id == id).then_some(id))
    }

    pub(crate) fn begin(&mut self, id: Uuid, now: DateTime<Utc>) {
        self.list.push(Conversation {
            id,
            title: None,
            created_at: now,
        });
    }

    /// The first thing that is said names the conversation. Answers with the id of the message.
    pub(crate) fn say(
        &mut self,
        conversation: Uuid,
        title: &str,
        saying: &Saying<'_>,
        now: DateTime<Utc>,
    ) -> String {
        if let Some(known) = self.list.iter_mut().find(|known| known.id == conversation) {
            known.title.get_or_insert_with(|| title.to_owned());
        }
        let id = format!("m_{}", self.messages.len().saturating_add(1));
        self.messages.push(Message {
            id: id.clone(),
            conversation,
            speaker: saying.speaker,
            text: saying.text.to_owned(),
            at: now,
            goal: saying.goal,
        });
        id
    }

    /// The body of `coordination_list_conversations`: newest first.
    pub(crate) fn view(&self) -> Value {
        let conversations: Vec<Value> = self
            .list
            .iter()
            .rev()
            .map(|conversation| {
                json!({
                    "id": conversation.id,
                    "title": conversation.title.as_deref().unwrap_or("A new conversation"),
                    "created_at": stamp(conversation.created_at),
                    "message_count": self.of(Some(conversation.id)).count(),
                })
            })
            .collect();
        json!({ "conversations": conversations })
    }

    fn of(&self, conversation: Option<Uuid>) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages
            .iter()
            .filter(move |message| conversation.is_none_or(|id| message.conversation == id))
    }

    /// The body of `coordination_history`: the last messages, oldest first.
    pub(crate) fn history(&self, conversation: Option<Uuid>, limit: usize) -> Value {
        let mut items: Vec<Value> = self
            .of(conversation)
            .rev()
            .take(limit)
            .map(|message| {
                let mut view = json!({
                    "id": message.id,
                    "conversation_id": message.conversation,
                    "role": message.speaker,
                    "content": message.text,
                    "created_at": stamp(message.at),
                });
                if let (Some(goal), Value::Object(view)) = (message.goal, &mut view) {
                    view.insert("goal_id".to_owned(), json!(goal));
                }
                view
            })
            .collect();
        items.reverse();
        json!({ "total": self.of(conversation).count(), "items": items })
    }
}
