use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask for {wishes}")]
struct Task {
    #[call(phone)]
    phone: E164,
    #[call(instructions)]
    wishes: Vec<String>,
}

fn main() {}
