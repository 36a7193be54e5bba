use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
struct Task {
    #[call(phone = "+12025550199")]
    phone: E164,
}

fn main() {}
