use kallyai_sdk::CallTask;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
union Task {
    a: u8,
}

fn main() {}
