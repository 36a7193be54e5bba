use kallyai_sdk::CallTask;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
struct Task {
    #[call(phone)]
    phone: u64,
    #[call(user_phone)]
    user_phone: Option<bool>,
    #[call(business_name)]
    business_name: u8,
    #[call(party_size)]
    party_size: i32,
    #[call(date)]
    date: String,
    #[call(time)]
    time: String,
    #[call(language)]
    language: u16,
    #[call(urgent)]
    urgent: u8,
    #[call(instructions)]
    instructions: String,
    #[call(timezone)]
    timezone: f64,
}

fn main() {}
