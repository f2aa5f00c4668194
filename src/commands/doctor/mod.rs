//! `panic-console doctor`: is everything in order, and if not, what mends it. It changes nothing, and
//! raises nothing.

mod here;
mod server;

use super::{DONE, FAILED, ask, environment, print};
use crate::app::callout::Classification;
use crate::config::{self, Concern, Config, DEMO, Flags, Folders, Line, Problem};
use crate::text::DisplayText;
use clap::Args;
use serde_json::json;
use std::fmt::Write as _;

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 when nothing is a problem, 1 otherwise. Warnings are no problems.

Examples:
  panic-console doctor                     the demo, or the profile that the config names
  panic-console doctor --profile staging   a real environment, before its first callout")]
pub struct DoctorArgs {
    #[command(flatten)]
    pub flags: Flags,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Ok,
    Warning,
    Problem,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What was looked at, what was found, and what mends it.
#[derive(Clone, Debug)]
pub(super) struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    mend: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Ok, found: found.into(), mend: None }
    }

    fn warning(name: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Warning, found: found.into(), mend: Some(mend.into()) }
    }

    fn problem(name: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Problem, found: found.into(), mend: Some(mend.into()) }
    }
}

pub fn run(args: &DoctorArgs) -> anyhow::Result<u8> {
    let mut checks = Vec::new();
    let profile = match config::load(&args.flags, &environment) {
        Ok(config) => {
            of_config(&config, &mut checks)?;
            Some(config.model.profile)
        }
        Err(error) => {
            checks.extend(problems("config", error.problems(), MEND_CONFIG));
            None
        }
    };
    if let Ok(folders) = Folders::named_by(&args.flags, &environment) {
        checks.push(here::state_folder(&folders));
    }
    checks.push(here::terminal());
    let worst = checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok);
    print(&if args.json { as_json(&checks, profile.as_deref(), worst) } else { as_text(&checks) })?;
    Ok(if worst == Verdict::Problem { FAILED } else { DONE })
}

const MEND_CONFIG: &str = "mend that line; panic-console config path tells where the file is";

fn of_config(config: &Config, checks: &mut Vec<Check>) -> anyhow::Result<()> {
    let file = &config.folders.config_file;
    checks.push(if file.exists() {
        Check::ok("config", file.display().to_string())
    } else {
        Check::ok("config", "no file: the defaults hold; panic-console config init writes one")
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    match config.line(&environment) {
        Err(error) => checks.extend(problems("profile", error.problems(), MEND_CONFIG)),
        Ok(None) => {
            checks.push(Check::ok("profile", format!("{DEMO} · the simulator in this program")));
            runtime.block_on(server::demo(config, checks));
        }
        Ok(Some(line)) => {
            of_profile(&config.model.profile, &line, checks);
            runtime.block_on(server::all(&config.model.profile, line, checks));
        }
    }
    Ok(())
}

/// What the profile says, each step of it apart from the others.
fn of_profile(name: &str, line: &Line, checks: &mut Vec<Check>) {
    let told = format!("{name} · {} · {:?}", line.host, line.environment);
    let real = line.connection.classification != Classification::Test && !line.environment.is_loopback();
    checks.push(if real {
        let mend = "classification = \"test\", unless that is meant";
        Check::warning("profile", format!("{told} · callouts are not TEST: a responder may be sent"), mend)
    } else {
        Check::ok("profile", told)
    });
    let of = |concern| {
        let of_it = line.problems.iter().filter(move |problem| problem.concern == concern);
        of_it.cloned().collect::<Vec<Problem>>()
    };
    checks.extend(problems("profile", &of(Concern::Settings), MEND_CONFIG));
    let credentials = of(Concern::Credentials);
    if credentials.is_empty() && line.warnings.is_empty() {
        checks.push(Check::ok("credentials", "id and secret are there"));
    }
    checks.extend(problems(
        "credentials",
        &credentials,
        "AURA hands out id and secret; then name them there",
    ));
    for warning in &line.warnings {
        let mend = "{ env = … }, { file = … } or { command = … }, and chmod 600";
        checks.push(Check::warning("credentials", warning.as_str(), mend));
    }
    checks.extend(problems(
        "place",
        &of(Concern::Place),
        "latitude and longitude under [profiles.NAME.place]",
    ));
}

fn problems(name: &'static str, problems: &[Problem], mend: &str) -> Vec<Check> {
    problems.iter().map(|problem| Check::problem(name, problem.text.as_str(), mend)).collect()
}

fn as_text(checks: &[Check]) -> String {
    let mut text = String::new();
    for Check { name, verdict, found, mend } in checks {
        // A server may have said anything.
        let found = DisplayText::new(found);
        let _ = writeln!(text, "{:<8} {name:<12} {found}", verdict.as_str());
        if let Some(mend) = mend {
            let _ = writeln!(text, "{:<8} {:<12} -> {mend}", "", "");
        }
    }
    text
}

fn as_json(checks: &[Check], profile: Option<&str>, worst: Verdict) -> String {
    let checks: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "name": check.name,
                "verdict": check.verdict.as_str(),
                "found": DisplayText::new(&check.found).as_str(),
                "mend": check.mend,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "profile": profile, "verdict": worst.as_str(), "checks": checks }))
}
