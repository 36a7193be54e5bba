use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = 12)]
struct Task {
    #[call(phone)]
    phone: E164,
}

fn main() {}
