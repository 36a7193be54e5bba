use kallyai_sdk::CallTask;

#[derive(CallTask)]
#[call(category = "general", task = "Ask when they open")]
struct Task(String);

fn main() {}
