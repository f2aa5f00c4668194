//! `docs/api-coverage.md` is true: it lists every operation of the API that the simulator has, and no
//! other, and each test that it names is there.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure ends the test")]

use panic_console::sim::{Options, Simulator};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A row: method and path, and the tests that show it.
struct Row {
    operation: String,
    tests: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let table = fs::read_to_string(root().join("docs/api-coverage.md")).unwrap();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `"));
    cells
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let tests = cells[1].split([',', ' ']).map(|name| name.trim_matches('`'));
            Row {
                operation: cells[0].trim_end_matches('`').to_owned(),
                tests: tests.filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            }
        })
        .collect()
}

/// Everything in a test file and in the folder of its parts.
fn source_of(file: &str) -> String {
    let mut files = vec![root().join(format!("tests/{file}.rs"))];
    if let Ok(parts) = fs::read_dir(root().join("tests").join(file)) {
        files.extend(parts.map(|part| part.unwrap().path()));
    }
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    files.iter().map(|path| read(path)).collect()
}

#[tokio::test]
async fn the_table_lists_what_the_document_lists() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let url = format!("{}/openapi.json", running.url());
    let document: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let paths = document["paths"].as_object().unwrap();
    let of_the_api = |path: &str| path.starts_with("/panic-api/") || path.starts_with("/predefinedLocations");
    let documented: BTreeSet<String> = paths
        .iter()
        .filter(|(path, _)| of_the_api(path))
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let listed: BTreeSet<String> = rows().into_iter().map(|row| row.operation).collect();
    let missing: Vec<_> = documented.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&documented).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in the table: {missing:#?}\nnot there: {gone:#?}");
}

#[test]
fn every_operation_has_a_test_that_is_there() {
    for row in rows() {
        assert!(!row.tests.is_empty(), "{}", row.operation);
        for test in row.tests {
            let (file, name) = test.rsplit_once("::").unwrap_or_else(|| panic!("{test}"));
            let file = file.split("::").next().unwrap();
            let found = source_of(file).contains(&format!("fn {name}("));
            assert!(found, "{}: tests/{file}.rs has no {name}", row.operation);
        }
    }
}
