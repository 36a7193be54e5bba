use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
/// Nothing at all.
struct Task {
    #[call(phone)]
    phone: E164,
}

fn main() {}
