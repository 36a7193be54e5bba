use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
struct Task<'a, T> {
    #[call(phone)]
    phone: E164,
    #[call(user_name)]
    name: &'a str,
    #[call(business_name)]
    place: T,
}

fn main() {}
