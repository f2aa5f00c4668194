//! The README says what the program does, not what it did once.

const START: &str = "<!-- keys -->";
const END: &str = "<!-- /keys -->";

#[test]
fn the_keys_are_those_of_the_table() {
    let readme = include_str!("../README.md");
    let (_, after) = readme.split_once(START).expect("README.md has <!-- keys -->");
    let (shown, _) = after.split_once(END).expect("README.md has <!-- /keys --> after it");
    let made = panic_console::keymap::markdown();
    assert_eq!(shown.trim(), made.trim(), "put this between the markers of README.md:\n\n{made}");
}
