use kallyai_sdk::CallTask;
use kallyai_sdk::phone::E164;

#[derive(CallTask)]
#[call(category = "general", task = "Ask the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    the same thing again, \
    hang up")]
struct Task {
    #[call(phone)]
    phone: E164,
}

fn main() {}
