//! A guide as the steps that a reader takes: what is to be typed into which terminal, and what is to be seen.
//!
//! A guide is ordinary Markdown. What a reader acts on stands in three places: a `toml` block is the config file,
//! an `sh` block is typed (a `text` block behind it is what it prints), and each row of a table that begins with
//! *press* and *see* is a step in the console.

/// One thing that a reader does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The config file.
    Settings(String),
    /// `panic-console …`, with its arguments.
    Console(Vec<String>),
    /// `panic-console serve …`, with its arguments.
    Serve(Vec<String>),
    /// Any other command, and lines that it prints, in their order.
    Shell { script: String, prints: Vec<String> },
    /// Keys of a row, as they go into the terminal one by one, and what is then on the screen.
    Press { keys: Vec<String>, see: Vec<String> },
}

pub fn steps(guide: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = guide.lines();
    let mut in_table = false;
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            block_of(language, &block, &mut steps);
        } else if line.starts_with('|') {
            let cells: Vec<_> = line.split('|').skip(1).map(str::trim).collect();
            if cells.starts_with(&["press", "see"]) {
                in_table = true;
            } else if in_table && cells[0] != "---" {
                let keys = quoted(cells[0]).iter().map(|name| key(name)).collect();
                let see = quoted(cells.get(1).copied().unwrap_or_default());
                assert!(!see.is_empty(), "a step after which nothing is to be seen: {line}");
                steps.push(Step::Press { keys, see });
            }
        } else {
            in_table = false;
        }
    }
    steps
}

fn block_of(language: &str, block: &[&str], steps: &mut Vec<Step>) {
    let text = block.join("\n");
    match language {
        "toml" => steps.push(Step::Settings(text)),
        "sh" => steps.push(typed(&text)),
        "text" => {
            let Some(Step::Shell { prints, .. }) = steps.last_mut() else {
                panic!("printed by no command: {text}");
            };
            prints.extend(block.iter().map(|line| (*line).to_owned()));
        }
        other => panic!("a reader does not know what to do with {other:?}"),
    }
}

/// One line that starts the program has a terminal of its own; anything else is for a shell.
fn typed(text: &str) -> Step {
    let words = |rest: &str| rest.split_whitespace().map(str::to_owned).collect();
    match text.strip_prefix("panic-console") {
        Some(rest) if !text.contains('\n') && !text.contains('|') => {
            match rest.trim_start().strip_prefix("serve") {
                Some(flags) => Step::Serve(words(flags)),
                None => Step::Console(words(rest)),
            }
        }
        _ => Step::Shell { script: text.to_owned(), prints: Vec::new() },
    }
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The bytes of a key by its name in the help; what names none is typed as it stands.
fn key(name: &str) -> String {
    let bytes = match name {
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "space" => " ",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        text => text,
    };
    bytes.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guide_is_read_as_a_reader_reads_it() {
        let guide = "\
# A guide\n\nSome `code` in words.\n\n```sh\npanic-console --speed 3\n```\n\n| press | see | say |\n| --- | --- | --- |\n\
| `p` `enter` | `created` and `live` | Off it goes. |\n| | `dispatched` | |\n\nMore.\n\n| setting | what |\n| --- | --- |\n\
| `a` | `b` |\n\n```sh\ncurl x |\n  wc\n```\n\nwhich prints\n\n```text\n1\n```\n";
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let expected = [
            Step::Console(owned(&["--speed", "3"])),
            Step::Press { keys: owned(&["p", "\r"]), see: owned(&["created", "live"]) },
            Step::Press { keys: Vec::new(), see: owned(&["dispatched"]) },
            Step::Shell { script: "curl x |\n  wc".into(), prints: owned(&["1"]) },
        ];
        assert_eq!(steps(guide), expected);
    }
}
