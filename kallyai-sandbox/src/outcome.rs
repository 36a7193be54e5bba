//! What a call brings: its transcript while it goes on, and its result in words, made of what was asked.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::numbers::{self, Fate};
use crate::world::calls::{Call, Status};

/// The result of a call in words.
pub(crate) struct Outcome {
    pub(crate) highlights: String,
    pub(crate) next_steps: String,
}

/// What the other end is called when nobody says.
const NOBODY: &str = "the respondent";

pub(crate) fn of(call: &Call, now: DateTime<Utc>) -> Outcome {
    let who = call.text("business_name").unwrap_or(NOBODY);
    let task = task(call);
    let (highlights, next_steps) = match call.status(now) {
        Status::Success => (
            format!("{who} agreed: {task}.\nConfirmed{}.", when(call)),
            "Nothing more to do.",
        ),
        Status::NoAnswer => (format!("Nobody answered at {who}."), "Try again later."),
        Status::Busy => (format!("The line of {who} was busy."), "Try again later."),
        Status::Voicemail => (
            format!("{who} did not answer; a message was left: {task}."),
            "Wait for a call back.",
        ),
        Status::Cancelled => ("The call was cancelled.".to_owned(), "Nothing was done."),
        Status::Terminated => (
            format!("The call to {who} was ended before it was finished."),
            "Call again to finish the task.",
        ),
        Status::Failed | Status::Queued | Status::Ringing | Status::InProgress => (
            format!("The call to {who} could not be connected."),
            "Check the number.",
        ),
    };
    Outcome {
        highlights,
        next_steps: next_steps.to_owned(),
    }
}

/// Who has said what until now; nothing before anybody has answered.
pub(crate) fn transcript(call: &Call, now: DateTime<Utc>) -> Option<Value> {
    let talked = call.talked(now)?;
    let course = course(call, now);
    let turns = turns(call, course);
    let whole = Call::talk_ms(call.id, course);
    let mut second: usize = 2;
    let mut entries = Vec::new();
    for (speaker, content) in turns.iter().take(begun(turns.len(), talked, whole)) {
        entries.push(json!({
            "speaker": speaker,
            "content": content,
            "timestamp": format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60),
        }));
        second += 3 + content.len() / 16;
    }
    Some(json!({ "entries": entries }))
}

/// What the talk leads to, or would have led to if nobody had ended it.
fn course(call: &Call, now: DateTime<Utc>) -> Status {
    match (call.status(now), numbers::fate(&call.to)) {
        (Status::InProgress | Status::Terminated, Fate::Ends(course)) => course,
        (status, _) => status,
    }
}

/// All that is said in the course of a call.
fn turns(call: &Call, course: Status) -> Vec<Turn> {
    let spanish = call.text("call_language").or_else(|| call.text("language")) == Some("es");
    let mut turns = match (course, spanish) {
        (Status::Voicemail, false) => voicemail(call),
        (Status::Voicemail, true) => voicemail_in_spanish(call),
        (_, false) => conversation(call),
        (_, true) => conversation_in_spanish(call),
    };
    if course == Status::Terminated {
        // The other end breaks off.
        turns.truncate(2);
    }
    turns
}

/// How many of so many turns have begun when this much of the talk is over.
fn begun(turns: usize, talked: i32, whole: i32) -> usize {
    let milliseconds = |time: i32| usize::try_from(time).unwrap_or_default();
    turns
        .saturating_mul(milliseconds(talked))
        .checked_div(milliseconds(whole))
        .map_or(turns, |over| over.saturating_add(1).min(turns))
}

type Turn = (&'static str, String);

fn conversation(call: &Call) -> Vec<Turn> {
    let who = call.text("business_name").unwrap_or("Hello");
    let name = call.text("user_name").unwrap_or("my client");
    let mut turns = vec![
        ("HUMAN", format!("{who}, good day, how can I help?")),
        (
            "AI",
            format!(
                "Good day, I am calling on behalf of {name}. {}.",
                task(call)
            ),
        ),
        ("HUMAN", format!("One moment, let me see{}.", when(call))),
    ];
    if let Some(size) = call.submission.get("party_size") {
        turns.push(("HUMAN", "For how many people?".to_owned()));
        turns.push(("AI", format!("For {size}, please.")));
    }
    for wish in wishes(call) {
        turns.push(("AI", format!("One more wish: {wish}.")));
        turns.push(("HUMAN", "I have made a note of it.".to_owned()));
    }
    turns.push(("HUMAN", "Yes, that works. It is confirmed.".to_owned()));
    turns.push(("AI", "Wonderful, thank you very much. Goodbye.".to_owned()));
    turns
}

fn conversation_in_spanish(call: &Call) -> Vec<Turn> {
    let who = call.text("business_name").unwrap_or("Hola");
    let name = call.text("user_name").unwrap_or("mi cliente");
    let mut turns = vec![
        (
            "HUMAN",
            format!("{who}, buenos días, ¿en qué puedo ayudarle?"),
        ),
        (
            "AI",
            format!("Buenos días, llamo de parte de {name}. {}.", task(call)),
        ),
        ("HUMAN", "Un momento, lo miro.".to_owned()),
    ];
    if let Some(size) = call.submission.get("party_size") {
        turns.push(("HUMAN", "¿Para cuántas personas?".to_owned()));
        turns.push(("AI", format!("Para {size}, por favor.")));
    }
    for wish in wishes(call) {
        turns.push(("AI", format!("Una cosa más: {wish}.")));
        turns.push(("HUMAN", "Tomo nota.".to_owned()));
    }
    turns.push(("HUMAN", "Sí, queda confirmado.".to_owned()));
    turns.push(("AI", "Muchas gracias. Adiós.".to_owned()));
    turns
}

fn voicemail(call: &Call) -> Vec<Turn> {
    vec![
        ("HUMAN", "Please leave a message after the tone.".to_owned()),
        ("AI", format!("Good day. {}. Please call back.", task(call))),
    ]
}

fn voicemail_in_spanish(call: &Call) -> Vec<Turn> {
    vec![
        ("HUMAN", "Deje su mensaje después de la señal.".to_owned()),
        (
            "AI",
            format!("Buenos días. {}. Por favor, llámenos.", task(call)),
        ),
    ]
}

fn task(call: &Call) -> &str {
    call.text("task_description")
        .unwrap_or_default()
        .trim()
        .trim_end_matches('.')
}

fn when(call: &Call) -> String {
    let date = call.text("appointment_date");
    let time = call.text("appointment_time");
    match (date, time) {
        (Some(date), Some(time)) => format!(" for {date} at {time}"),
        (Some(date), None) => format!(" for {date}"),
        (None, Some(time)) => format!(" for {time}"),
        (None, None) => call
            .text("time_preference_text")
            .map_or_else(String::new, |text| format!(" for {text}")),
    }
}

fn wishes(call: &Call) -> impl Iterator<Item = &str> {
    call.submission
        .get("additional_instructions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
