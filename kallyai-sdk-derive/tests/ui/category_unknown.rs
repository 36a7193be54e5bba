use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "spa", task = "Book a massage at noon")]
struct Task {
    #[call(phone)]
    phone: E164,
}

fn main() {}
