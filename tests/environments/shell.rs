//! Completions and manual pages know every command.

use super::*;

const COMMANDS: [&str; 8] =
    ["completions", "config", "customer", "device", "doctor", "man", "serve", "token"];

#[test]
fn completions_of_every_shell_name_every_command() {
    let user = User::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = user.run(&["completions", shell]).done();
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    user.run(&["completions", "tcsh"]).refused(2, "possible values");
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let user = User::new().set("PANIC_DEVICE_CLIENT_SECRET", SECRET);
    let page = user.run(&["man"]).done();
    assert!(page.contains(".TH panic-console 1"), "{page}");
    for command in COMMANDS {
        assert!(page.contains(&format!("panic\\-console\\-{command}(1)")), "{command}");
        let page = user.run(&["man", command]).done();
        assert!(page.contains(&format!(".TH panic-console-{command} 1")), "{page}");
    }
    let page = user.run(&["man", "device", "press"]).done();
    assert!(page.contains("\\-\\-yes\\-real") && !page.contains(SECRET), "{page}");
    user.run(&["man", "fly"]).refused(2, "there is no command panic-console fly");
}
