//! What the person at the keyboard wants. The names are those that a config file rebinds.

use serde::de::IntoDeserializer;
use serde::de::value::{Error as NoSuchName, StrDeserializer};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// Raise a panic: a countdown starts, nothing is sent yet.
    Raise,
    /// The default answer of a dialog: send at once, yes, done.
    Confirm,
    /// Leave a dialog or the input line; nothing happens.
    Back,
    /// Soft cancel: tell the control room that help is no longer wanted.
    SoftCancel,
    /// Hard cancel, with or without the safe code.
    Cancel,
    /// Begin to write in the chat.
    Write,
    /// Send the message, the safe code or the word that is in the input line.
    Submit,
    /// Send a failed message again.
    Retry,
    /// Poll now, without waiting for the timer.
    Refresh,
    NextPane,
    PreviousPane,
    FocusUp,
    FocusDown,
    FocusLeft,
    FocusRight,
    ScrollUp,
    ScrollDown,
    PageUp,
    PageDown,
    ScrollToStart,
    ScrollToEnd,
    /// The map: another part of it, nearer, farther, whom to keep in sight, as it was.
    PanLeft,
    PanRight,
    PanUp,
    PanDown,
    ZoomIn,
    ZoomOut,
    FollowNext,
    ResetMap,
    /// A cursor on the map, to drive to.
    PickTarget,
    /// Go into what is chosen; in a body, open or close a fold.
    Open,
    /// Filter a list, search a body.
    Find,
    NextMatch,
    PreviousMatch,
    Fold,
    Unfold,
    FoldAll,
    /// The next way to look at an exchange: what changed, reply, request.
    NextView,
    CopyCurl,
    CopyCurlWithToken,
    CopyBody,
    /// Write the body into a file.
    SaveBody,
    /// Write the session's exchanges as an HTTP archive.
    Export,
    ToggleWalking,
    NextReception,
    Faster,
    Slower,
    ShowCustomer,
    ShowControlRoom,
    ShowDevices,
    ShowTraffic,
    /// Customer and control room side by side.
    SplitView,
    /// The other side of the split view gets the keys.
    OtherSide,
    /// The profiles of the config, to go on to another.
    Profiles,
    /// Of those that are watched.
    NextCallout,
    PreviousCallout,
    /// A callout that is over goes out of the list.
    Dismiss,
    /// The controller's steps, under the control API's names.
    Acknowledge,
    Own,
    Verify,
    Dispatch,
    DispatchManually,
    Decline,
    CancelResponder,
    Arrive,
    Complete,
    Close,
    /// Choose one of the replies that are kept ready.
    CannedReply,
    PlaceVehicle,
    MoveVehicle,
    SwitchVehicle,
    /// Of the devices' screen.
    LinkDevice,
    PressDevice,
    MoveDevice,
    /// The place of the chosen device as numbers.
    TypePlace,
    /// Cancel the callout that a device opened.
    CancelDevice,
    DeviceBattery,
    UnlinkDevice,
    DismissClosed,
    /// What was dismissed last comes back.
    Undo,
    Help,
    /// Find an intent by its name.
    Commands,
    Quit,
    EraseBack,
    EraseForward,
    EraseWord,
    EraseLine,
    CursorLeft,
    CursorRight,
    WordLeft,
    WordRight,
    CursorStart,
    CursorEnd,
}

impl Intent {
    /// By the name that a config and a line of plain mode give it.
    pub fn named(name: &str) -> Option<Self> {
        let name: StrDeserializer<'_, NoSuchName> = name.into_deserializer();
        Self::deserialize(name).ok()
    }

    /// It moves a cursor, a focus or a window over text: nothing without a picture.
    pub fn is_about_the_picture(self) -> bool {
        (Self::NextPane..=Self::ScrollToEnd).contains(&self)
            || (Self::EraseBack..=Self::CursorEnd).contains(&self)
            || (Self::ShowCustomer..=Self::UnlinkDevice).contains(&self)
            || matches!(self, Self::Write | Self::Submit | Self::Commands | Self::Help)
    }
}
