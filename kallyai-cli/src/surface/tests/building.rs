//! What the build refuses: a commands' file that does not fit the document.

#[path = "../../../build/commands.rs"]
mod commands;
#[path = "../../../build/document.rs"]
mod document;
#[path = "../../../build/write.rs"]
mod write;
#[path = "../../../build/yaml.rs"]
mod yaml;

use kallyai_openapi::Spec;

fn built(text: &str) -> Result<String, String> {
    let file = yaml::read(text)?;
    let operations = document::operations(&Spec::load().unwrap());
    let table = commands::table(&file, &operations).map_err(|mistakes| mistakes.join("\n"))?;
    Ok(write::source(&table))
}

#[test]
fn the_file_itself_fits() {
    let source = built(include_str!("../../../commands.yaml")).unwrap();
    assert!(source.contains("\"calls_create\""));
}

#[test]
fn what_does_not_fit_stops_the_build() {
    for (entry, mistake) in [
        (
            "{operation: calls_dial}",
            "there is no operation calls_dial",
        ),
        ("{words: message}", "it has no operation"),
        (
            "{operation: calls_list, flag: {}}",
            "flag means nothing here",
        ),
        (
            "{operation: calls_list, flags: {limit: {shrt: l}}}",
            "shrt means nothing here",
        ),
        (
            "{operation: calls_list, flags: {speed: }}",
            "calls_list has no argument speed",
        ),
        (
            "{operation: calls_list, leave: [speed]}",
            "calls_list has no argument speed",
        ),
        (
            "{operation: calls_list, help: {speed: How fast.}}",
            "calls_list has no argument speed",
        ),
        (
            "{operation: calls_list, fixed: {speed: 3}}",
            "calls_list has no argument speed",
        ),
        (
            "{operation: calls_list, flags: {limit: , most: limit}}",
            "--most: limit is filled twice",
        ),
        (
            "{operation: coordination_send_message}",
            "message is required, and the published command has no flag",
        ),
        (
            "{operation: coordination_send_message, leave: [message]}",
            "message is required, and nothing fills it",
        ),
        (
            "{operation: coordination_list_goals, flags: {status: {choices: [activ]}}}",
            "--status: activ is no value of the document",
        ),
        (
            "{operation: coordination_list_goals, flags: {status: limit}}",
            "status would be a second --status",
        ),
    ] {
        let refused = built(&format!("commands: {{x y: {entry}}}")).unwrap_err();
        assert!(refused.starts_with("x y: "), "{entry}: {refused}");
        assert!(refused.contains(mistake), "{entry}: {refused}");
    }
}

#[test]
fn secrets_and_second_spellings_get_no_flag() {
    let source = built("commands: {connect: channels_connect}").unwrap();
    for secret in ["access-token", "bot-token"] {
        assert!(!source.contains(secret), "{secret}");
    }
    let source =
        built("commands: {change: {operation: subscription_change_plan, positions: [new_plan]}}");
    assert!(!source.unwrap().contains("target"));
}
