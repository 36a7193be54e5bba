use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
struct Task {
    #[call(phone)]
    phone: E164,
    #[call(user_name, business_name)]
    name: String,
}

fn main() {}
