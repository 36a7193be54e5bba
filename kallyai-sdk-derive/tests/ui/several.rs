use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "spa", task = "Ask {whom} for {what}")]
struct Task {
    #[call(fone)]
    phone: E164,
    #[call(user_name)]
    name: String,
    #[call(user_name)]
    other: String,
    unused: String,
}

fn main() {}
