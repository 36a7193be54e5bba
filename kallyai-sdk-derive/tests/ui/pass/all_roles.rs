#![deny(warnings)]

use chrono::NaiveDate;
use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;
use kallyai_sdk::types::{Language, TimeOfDay};

#[derive(CallTask)]
#[call(category = "restaurant")]
#[call(task = r#"Reserve a "{kind}" for {party_size} on {date} at {time} {{if you can}}"#)]
struct Table {
    #[call(phone)]
    phone: E164,
    #[call(business_name)]
    business_name: String,
    #[call(user_name)]
    user_name: Option<String>,
    #[call(user_phone)]
    user_phone: std::option::Option<E164>,
    #[call(party_size)]
    party_size: u32,
    #[call(date)]
    date: NaiveDate,
    #[call(time)]
    time: TimeOfDay,
    #[call(time_preference)]
    time_preference: Option<&'static str>,
    #[call(timezone)]
    timezone: Option<String>,
    #[call(language)]
    language: Language,
    #[call(call_language)]
    call_language: Option<Language>,
    #[call(urgent)]
    urgent: Option<bool>,
    #[call(instruction)]
    first: String,
    #[call(instruction)]
    second: Option<String>,
    #[call(instructions)]
    more: Vec<String>,
    #[call(session_id)]
    session_id: Option<String>,
    #[call(task)]
    kind: &'static str,
    #[allow(dead_code)]
    #[call(skip)]
    id: u64,
}

fn requests<T: CallTask>(_: T) {}

fn main() {
    let _ = requests::<Table>;
}
