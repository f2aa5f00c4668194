//! Our own place: where we are and how we move, what the receiver makes of it each 10 s, and what of
//! that is sent: good fixes at once, vague ones held back.

use super::action::Effect;
use super::callout::Fix;
use super::state::{Call, Held, Moving, OwnPosition, State, Tone, Watch, Way};
use super::{Effects, calls, link, map};
use crate::geo::streets::Streets;
use crate::location::{Playback, Reading, Reception, Source, Track, USUAL_SPEED_KMH};
use jiff::SignedDuration;

/// Metres. A fix of this accuracy or worse is held back (reference §11.4).
pub(crate) const TOO_VAGUE: f64 = 50.0;
/// After this long without a good fix the best of the vague ones is better than nothing.
pub(crate) const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// Seconds between two turns while walking.
const LEG: i64 = 40;
/// Metres from a target at which one is there already.
const THERE_M: f64 = 5.0;

impl State {
    /// What moves the person and what their receiver is worth, as the settings say. A file's track sets
    /// out at its start with the first action; a walk does so too.
    pub fn set_out(
        &mut self,
        source: Source,
        track: Option<Playback>,
        reception: Reception,
        speed_kmh: Option<f64>,
    ) {
        let own = &mut self.own;
        own.reception = reception;
        own.driving_kmh = speed_kmh.unwrap_or(USUAL_SPEED_KMH);
        own.sets_out = track.is_some() || source == Source::Walk;
        if let Some(track) = track {
            own.place = track.position(SignedDuration::ZERO);
            own.fix.position = own.place;
            own.way = Way::Track(track);
        }
    }
}

/// The first action.
pub(super) fn begin(state: &mut State) {
    if std::mem::take(&mut state.own.sets_out) {
        move_on(state);
    }
}

/// The location ticker ran out.
pub(super) fn due(state: &mut State) -> Effects {
    if state.link.next_location.is_none_or(|at| at > state.now) {
        return Vec::new();
    }
    state.link.next_location = Some(state.now + state.settings.locate_every);
    refresh(state);
    match &state.watch {
        Watch::Live(_) if !state.settings.read_only && state.own.lost.is_none() => offer(state),
        _ => Vec::new(),
    }
}

/// Takes a new fix from where we are by now.
pub(super) fn refresh(state: &mut State) {
    let now = state.now;
    step(state);
    let own = &mut state.own;
    let reading = own.reception.reading(own.place, state.settings.accuracy, state.settings.seed, now);
    let Some(Reading { position, accuracy }) = reading else {
        own.lost.get_or_insert(now);
        return;
    };
    own.lost = None;
    own.fix = Fix { position, accuracy: Some(accuracy), at: Some(now) };
    if own.moving.is_some() && own.trail.back() != Some(&position) {
        own.trail.push_back(position);
    }
    while own.trail.len() > OwnPosition::TRAIL {
        own.trail.pop_front();
    }
}

/// Goes as far as the time that has passed.
fn step(state: &mut State) {
    let now = state.now;
    let own = &mut state.own;
    let Some(moving) = &mut own.moving else { return };
    let last = std::mem::replace(&mut moving.last, now);
    let moved_for = moving.before + now.duration_since(moving.since);
    match &own.way {
        Way::Walk => {
            let walked = now.duration_since(last).as_secs_f64().max(0.0) * state.settings.walking_speed;
            let leg = now.duration_since(moving.since).as_secs().div_euclid(LEG).unsigned_abs();
            own.place = own.place.towards(heading(state.settings.seed, leg), walked);
        }
        Way::Track(playback) | Way::Drive(playback) => {
            own.place = playback.position(moved_for);
            if playback.is_over(moved_for) {
                let told = if matches!(own.way, Way::Drive(_)) { "there" } else { "the track is at its end" };
                own.way = Way::Walk;
                stand(state);
                state.tell(Tone::Info, told);
            }
        }
    }
}

/// A walk bends a little at each leg and never turns on its heel.
fn heading(seed: u64, leg: u64) -> f64 {
    let start = link::mix(seed) % 360;
    let bends: i64 = (0..leg.min(200))
        .map(|index| i64::try_from(link::mix(seed ^ (index + 1)) % 121).unwrap_or(60) - 60)
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand degrees")]
    let degrees = (i64::try_from(start).unwrap_or(0) + bends) as f64;
    degrees.rem_euclid(360.0)
}

/// Sends the fix if it is good, or if there has been no good one for a minute; else holds it back.
pub(super) fn offer(state: &mut State) -> Effects {
    let fix = state.own.fix;
    if is_good(&fix) {
        state.own.held = None;
        return send(state, fix);
    }
    let held = match state.own.held {
        None => Held { since: state.now, best: fix, count: 1 },
        Some(held) => {
            let best = if vagueness(&fix) < vagueness(&held.best) { fix } else { held.best };
            Held { best, count: held.count + 1, ..held }
        }
    };
    if state.now.duration_since(held.since) < PATIENCE {
        state.own.held = Some(held);
        return Vec::new();
    }
    let effects = send(state, held.best);
    state.own.held = Some(Held { since: state.now, best: fix, count: 1 });
    state.tell(Tone::Warning, "no good fix for 60 s: the best of the vague ones was sent");
    effects
}

fn is_good(fix: &Fix) -> bool {
    vagueness(fix) < TOO_VAGUE
}

fn vagueness(fix: &Fix) -> f64 {
    fix.accuracy.unwrap_or(f64::INFINITY)
}

/// A superseded fix is dropped, not queued: while one is on its way no other is sent.
fn send(state: &mut State, fix: Fix) -> Effects {
    let Watch::Live(followed) = &state.watch else { return Vec::new() };
    let callout = followed.callout.id.clone();
    if calls::is_waiting(state, |call| matches!(call, Call::Locate { .. })) {
        return Vec::new();
    }
    let call = calls::start(state, Call::Locate { callout: callout.clone(), fix });
    vec![Effect::SendLocation { call, callout, fix }]
}

pub(super) fn sent(state: &mut State, fix: Fix) {
    state.own.last_sent = Some((fix, state.now));
}

/// The callout is over: the ticker stops, unless we are moving.
pub(super) fn rest(state: &mut State) {
    state.own.held = None;
    if state.own.moving.is_none() {
        state.link.next_location = None;
    }
}

fn move_on(state: &mut State) {
    let now = state.now;
    state.own.moving = Some(Moving { since: now, last: now, before: state.own.moved_for });
    state.link.next_location.get_or_insert(now + state.settings.locate_every);
}

fn stand(state: &mut State) {
    if let Some(moving) = state.own.moving.take() {
        state.own.moved_for = moving.before + state.now.duration_since(moving.since);
    }
    if !matches!(state.own.way, Way::Track(_) | Way::Drive(_)) {
        state.own.moved_for = SignedDuration::ZERO;
    }
    if !matches!(state.watch, Watch::Live(_)) {
        state.link.next_location = None;
    }
}

/// Stops whatever moves us, and goes on with it.
pub(super) fn toggle_walking(state: &mut State) -> Effects {
    refresh(state);
    if state.own.moving.is_some() {
        stand(state);
        state.tell(Tone::Info, "standing still");
    } else {
        move_on(state);
        let told = match state.own.way {
            Way::Walk => "walking",
            Way::Track(_) => "following the track",
            Way::Drive(_) => "driving on",
        };
        state.tell(Tone::Info, told);
    }
    Vec::new()
}

/// The cursor on the map was confirmed: drives there along the streets.
pub(super) fn drive_to_cursor(state: &mut State) -> Effects {
    let Some(target) = map::take_cursor(state) else { return Vec::new() };
    refresh(state);
    let from = state.own.place;
    if from.distance_to(target) < THERE_M {
        state.tell(Tone::Info, "there already");
        return Vec::new();
    }
    let route = Streets::around(from, state.map.streets.unwrap_or(1)).route(from, target);
    let Ok(track) = Track::new(route, None) else { return Vec::new() };
    state.own.way = Way::Drive(Playback::new(track, Some(state.own.driving_kmh), false));
    state.own.moved_for = SignedDuration::ZERO;
    move_on(state);
    state.tell(Tone::Info, "driving there");
    Vec::new()
}

pub(super) fn next_reception(state: &mut State) -> Effects {
    state.own.reception = state.own.reception.next();
    refresh(state);
    let text = match state.own.reception {
        Reception::OpenSky => "GPS: open sky",
        Reception::StreetCanyon => "GPS: street canyon, some fixes are 50 m or worse and held back",
        Reception::Indoors => "GPS: indoors, fixes of 50 m or worse are held back",
        Reception::NoFix => "GPS: no fix, nothing is sent",
    };
    state.tell(Tone::Info, text);
    Vec::new()
}
