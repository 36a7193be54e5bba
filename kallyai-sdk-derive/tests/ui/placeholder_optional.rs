use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open, {notes}")]
struct Task {
    #[call(phone)]
    phone: E164,
    notes: Option<String>,
}

fn main() {}
