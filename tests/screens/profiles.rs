//! The list of profiles and the question before one is left.

use super::{dark, look, picture::screen, sample_states as sample, with_dialog};
use panic_console::app::profiles::{Listed, Refused};
use panic_console::app::state::{Dialect, Dialog, Environment, State};
use panic_console::ui::ThemeName;

fn among(mut state: State) -> State {
    let one = |environment, dialect| {
        let settings = sample::settings(environment);
        Listed { name: settings.profile, host: settings.host, environment, dialect }
    };
    state.profiles.list = vec![
        one(Environment::Demo, Dialect::V2),
        one(Environment::Production, Dialect::V2),
        one(Environment::Local, Dialect::V2),
        one(Environment::Remote, Dialect::V1),
        Listed {
            name: "a-name-as-long-as-a-name-may-be1".into(),
            host: "dev-panic.a-rather-long-name.of-a-client.example.org:8443".into(),
            ..one(Environment::Staging, Dialect::V2)
        },
    ];
    state
}

#[test]
fn the_list_of_profiles() {
    let list =
        |chosen, refused| with_dialog(among(sample::dispatched()), Dialog::Profiles { chosen, refused });
    let why = [
        "client_secret: the variable CLIENT_SECRET is not set",
        "place.latitude: is missing: where you stand has no default, since help would go there",
    ];
    let why = why
        .map(|why| format!("/home/jane/.config/panic-console/config.toml:12: profiles.client.{why}").into());
    let refused = Refused { profile: "client".into(), why: why.into() };
    let mut alone = sample::idle();
    alone.profiles.list = among(sample::idle()).profiles.list[..1].to_vec();
    let mut many = list(25, None);
    many.profiles.list = (0..40).map(|_| many.profiles.list[4].clone()).collect();
    let pictures = [
        ("list", list(0, None)),
        ("refused", list(1, Some(refused))),
        ("alone", with_dialog(alone, Dialog::Profiles { chosen: 0, refused: None })),
        ("many", many),
        ("leave_live", with_dialog(among(sample::dispatched()), Dialog::Leave { profile: 2 })),
        ("leave_to_production", with_dialog(among(sample::idle()), Dialog::Leave { profile: 1 })),
    ];
    for (name, state) in pictures {
        snapshot!(format!("profiles_{name}_80x24"), dark(&state, 80, 24).without_styles());
        snapshot!(format!("profiles_{name}_30x8"), dark(&state, 30, 8).without_styles());
    }
    for theme in ThemeName::ALL {
        snapshot!(format!("profiles_120x36_{theme}"), screen(&list(1, None), &look(theme), 120, 36));
    }
}
