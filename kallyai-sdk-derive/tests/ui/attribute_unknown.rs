use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(categroy = "general", task = "Ask when they open")]
struct Task {
    #[call(phone)]
    phone: E164,
}

fn main() {}
