use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
struct Task {
    #[call(phone)]
    phone: Option<E164>,
}

fn main() {}
