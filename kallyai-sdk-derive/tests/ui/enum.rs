use kallyai_sdk::CallTask;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
enum Task {
    Ask,
}

fn main() {}
