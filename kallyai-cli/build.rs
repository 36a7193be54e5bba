//! Writes the table of commands, from the commands' own file and the API's document.

fn main() {}
