use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "restaurant", task = "Reserve a table for {party_size}")]
struct Task {
    #[call(phone)]
    phone: E164,
    party_size: u32,
}

fn main() {}
