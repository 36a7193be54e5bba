use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask for {what")]
struct Task {
    #[call(phone)]
    phone: E164,
    what: String,
}

fn main() {}
