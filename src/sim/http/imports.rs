//! The bulk upload of fixed locations: a form with a CSV file (reference §8.1). It stands outside
//! `/panic-api`, as the API has it.

use super::caller::Caller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::{App, Routes};
use crate::api::model::place::BulkUpload;
use crate::api::model::reply::Message;
use crate::sim::imports::{LARGEST, NotStarted, Table};
use crate::sim::world::{Callback, File, Upload};
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;

pub fn routes() -> Routes {
    vec![routes!(upload)]
}

/// What may stand between the columns.
const DELIMITERS: [(&str, u8); 5] = [(",", b','), (";", b';'), ("|", b'|'), ("\t", b'\t'), ("\\t", b'\t')];

/// No text beside the file is longer.
const LONGEST_TEXT: usize = 4_096;

const BUSY_SECONDS: u16 = 10;

/// Creates or updates fixed locations from a CSV file. The reply comes at once; the rows are read
/// afterwards, and a report is posted to the callback address.
#[utoipa::path(
    post,
    path = "/predefinedLocations/bulk",
    operation_id = "bulk-upload-fixed-locations",
    tag = "Fixed locations",
    request_body(content = BulkUpload, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = Message),
        (status = 400),
        (status = 401),
        (status = 413),
        (status = 415),
        (status = 429),
        (status = 500),
    )
)]
pub async fn upload(State(app): State<App>, caller: Caller, Form(form): Form) -> Result<Response, Problem> {
    let by = caller.server()?;
    let callback = form.callback_url.ok_or_else(|| Problem::bad("callbackUrl is required."))?;
    let callback =
        app.outgoing.check("callbackUrl", &callback).map_err(|unfit| Problem::bad(format!("{unfit}.")))?;
    if form.user_email.as_deref().is_some_and(|email| !email.contains('@')) {
        return Err(Problem::bad("userEmail: is not shaped like a mail address."));
    }
    let given = form.delimiter.as_deref().unwrap_or(",");
    let delimiter = DELIMITERS.iter().find(|(text, _)| *text == given).map(|(_, byte)| *byte);
    let delimiter = delimiter.ok_or_else(|| Problem::bad("delimiter: is none of , ; | and tab."))?;
    let file = form.locations.ok_or_else(|| Problem::bad("locations is required."))?;
    Table::open(&file, delimiter).map_err(|why| Problem::bad(format!("locations: {why}.")))?;
    let upload = Upload {
        source: by,
        file: File(file.into()),
        delimiter,
        callback: Callback(callback.as_str().to_owned()),
        user_email: form.user_email,
        origin: form.source,
    };
    app.imports.start(&app, upload).await.map_err(|why| match why {
        NotStarted::Busy => Problem::too_many(BUSY_SECONDS),
        NotStarted::Failed(failure) => failure.into(),
    })?;
    let message = "The file was accepted. A report will be sent to the callbackUrl.".to_owned();
    Ok(json(&Message { message }))
}

/// The fields of the form; others are passed over.
#[derive(Debug, Default)]
struct Fields {
    locations: Option<Vec<u8>>,
    callback_url: Option<String>,
    user_email: Option<String>,
    delimiter: Option<String>,
    source: Option<String>,
}

/// A form, bounded.
#[derive(Debug)]
pub struct Form(Fields);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("multipart/form-data") {
            let message = "Content-Type must be multipart/form-data.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        DefaultBodyLimit::max(LARGEST).apply(&mut request);
        let form = Multipart::from_request(request, state).await;
        let mut form = form.map_err(|_| Problem::bad("Content-Type: the boundary is missing."))?;
        let mut fields = Fields::default();
        while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|error| unreadable(&error))?;
            fields.take(&name, bytes.to_vec())?;
        }
        Ok(Self(fields))
    }
}

impl Fields {
    fn take(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        let twice = match name {
            "locations" => self.locations.replace(bytes).is_some(),
            "callbackUrl" => self.callback_url.replace(text(name, bytes)?).is_some(),
            // A tab is a delimiter, so this one keeps its blanks.
            "delimiter" => self.delimiter.replace(text(name, bytes)?).is_some(),
            "userEmail" => self.user_email.replace(text(name, bytes)?).is_some(),
            "source" => self.source.replace(text(name, bytes)?).is_some(),
            _ => false,
        };
        if twice { Err(Problem::bad(format!("{name}: is given twice."))) } else { Ok(()) }
    }
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, Problem> {
    if bytes.len() > LONGEST_TEXT {
        return Err(Problem::bad(format!("{name}: is too long.")));
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad(format!("{name}: is not UTF-8.")))
}

fn unreadable(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The form is larger than 4 MiB.");
    }
    Problem::bad("The form could not be read.")
}
