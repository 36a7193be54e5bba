use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
#[call(category = "hotel")]
struct Task {
    #[call(phone)]
    phone: E164,
}

fn main() {}
