//! Leads and scheduled services.

use super::*;
use jiff::{SignedDuration, Timestamp};

#[tokio::test]
async fn create_and_get_lead() {
    let house = House::open().await;
    let created = house.post("/leads", fixture("v2/create-lead.request.json")).await.ok(201);
    assert_same_shape(&created, &fixture("v2/create-lead.response.json"));
    let id = created["id"].as_str().unwrap();
    assert_eq!(id.len(), "lead_9f8b7c6d5a4e3f2b1c0d".len());
    let read = house.get(&format!("/leads/{id}")).await.ok(200);
    assert_same_shape(&read, &fixture("v2/get-lead.response.json"));
    assert_eq!(read, created);
    house.get("/leads/lead_123").await.refused(404, "Lead not found");
    let create = async |body: Value| house.post("/leads", body).await;
    create(json!({})).await.refused(400, "mobileNumber is required");
    create(json!({ "mobileNumber": "call me" })).await.refused(400, "mobileNumber");
    create(json!({ "mobileNumber": 27_821_234_567_u64 })).await.refused(400, "mobileNumber is not valid");
    for field in ["firstName", "lastName", "email"] {
        let body = json!({ "mobileNumber": "+14155552671", field: { "x": 1 } });
        create(body).await.refused(400, field);
    }
}

async fn now(house: &House) -> Timestamp {
    let clock = house.nobody().get("/control/clock").await.ok(200);
    clock["now"].as_str().unwrap().parse().unwrap()
}

/// The sample, for a customer that is there and a time to come.
async fn booking(house: &House) -> (Value, Timestamp) {
    let mut body = fixture("v2/create-scheduled-service.request.json");
    body["customerId"] = house.stranger("+27820000001").await.into();
    let from = now(house).await + SignedDuration::from_hours(1);
    let from = Timestamp::from_second(from.as_second()).unwrap();
    body["scheduledRequestConfig"]["dateFrom"] = from.to_string().into();
    body["scheduledRequestConfig"]["dateTo"] = (from + SignedDuration::from_hours(12)).to_string().into();
    (body, from)
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn create_and_cancel_scheduled_service() {
    let house = House::open().await;
    let (body, from) = booking(&house).await;
    let booked = house.post("/scheduled/guarding", body).await.ok(201);
    assert_same_shape(&booked, &fixture("v2/create-scheduled-service.response.json"));
    let request = &booked["scheduledRequest"];
    assert_eq!(time(&request["nextOccurrence"]), from);
    let id = request["id"].as_str().unwrap();
    assert_eq!(id.len(), 36);
    let cancelled = house.delete(&format!("/scheduled/{id}"), json!({})).await.ok(200);
    assert_eq!(cancelled.as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
    house.delete(&format!("/scheduled/{id}"), json!({})).await.refused(400, "cancelled already");
    house.delete("/scheduled/guarding", json!({})).await.refused(404, "Scheduled request not found");
    let listed = house.nobody().get("/control/scheduled").await.ok(200);
    assert_eq!((&listed[0]["id"], &listed[0]["nextOccurrence"]), (&id.into(), &Value::Null));
}

#[tokio::test]
async fn create_scheduled_service_in_the_older_form() {
    let house = House::open().await;
    let mut body = fixture("v2/create-scheduled-service.request.older.json");
    body["customerId"] = house.stranger("+27820000001").await.into();
    house.post("/scheduled/guarding", body.clone()).await.refused(400, "less than 5 minutes ahead");
    let from = now(&house).await + SignedDuration::from_mins(6);
    body["scheduledAt"] = from.to_string().into();
    let booked = house.post("/scheduled/guarding", body).await.ok(201);
    assert!(booked["scheduledRequest"]["id"].is_string());
    let older = fixture("v2/create-scheduled-service.response.older.json");
    assert!(older["id"].is_string(), "what the older form said, the wrapper says now");
}

#[tokio::test]
async fn a_service_that_repeats_has_a_next_time() {
    let house = House::open().await;
    let (mut body, from) = booking(&house).await;
    body["scheduledRequestConfig"]["repeatsConfig"] = json!({ "type": "weekly", "interval": 2 });
    house.post("/scheduled/guarding", body).await.ok(201);
    house.turn(2 * 3_600).await;
    let listed = house.nobody().get("/control/scheduled").await.ok(200);
    assert_eq!(time(&listed[0]["nextOccurrence"]), from + SignedDuration::from_hours(14 * 24));
    assert_eq!(listed[0]["serviceType"], "guarding");
}

#[tokio::test]
async fn what_is_wrong_with_a_booking_is_named() {
    let house = House::open().await;
    let (good, from) = booking(&house).await;
    let soon = (now(&house).await + SignedDuration::from_mins(4)).to_string();
    for (pointer, wrong, field) in [
        ("/customerId", json!(null), "customerId is required"),
        ("/scheduledRequestConfig", json!(null), "scheduledRequestConfig is required"),
        ("/scheduledRequestConfig", json!(["x"]), "scheduledRequestConfig"),
        ("/scheduledRequestConfig/dateFrom", json!(null), "dateFrom is required"),
        ("/scheduledRequestConfig/dateFrom", json!("soon"), "dateFrom is not valid"),
        ("/scheduledRequestConfig/dateFrom", json!(soon), "less than 5 minutes ahead"),
        ("/scheduledRequestConfig/dateTo", json!(from.to_string()), "dateTo"),
        ("/scheduledRequestConfig/name", json!(7), "scheduledRequestConfig.name"),
        ("/scheduledRequestConfig/details", json!([1, "x"]), "scheduledRequestConfig.details"),
        ("/scheduledRequestConfig/details/numberOfGuards", json!(0), "numberOfGuards"),
        ("/scheduledRequestConfig/details/numberOfGuards", json!("many"), "numberOfGuards"),
        ("/scheduledRequestConfig/details/armedPreference", json!(1), "armedPreference"),
        ("/scheduledRequestConfig/details/contacts", json!("x"), "contacts"),
        ("/scheduledRequestConfig/repeatsConfig", json!("daily"), "repeatsConfig"),
        (
            "/scheduledRequestConfig/repeatsConfig/type",
            json!("sometimes"),
            "single, daily, weekly or monthly",
        ),
        ("/scheduledRequestConfig/repeatsConfig/type", json!(null), "repeatsConfig.type is required"),
        ("/initialLocation", json!(null), "initialLocation is required"),
        ("/initialLocation", json!({}), "latitude and longitude, or formattedAddress"),
        ("/initialLocation/latitude", json!(null), "initialLocation.latitude is required"),
        ("/initialLocation/latitude", json!(91), "initialLocation.latitude must be from -90 to 90"),
        ("/initialLocation/longitude", json!("x"), "initialLocation.longitude is not valid"),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = wrong;
        house.post("/scheduled/guarding", body).await.refused(400, field);
    }
    let mut interval = good.clone();
    interval["scheduledRequestConfig"]["repeatsConfig"] = json!({ "type": "daily", "interval": 0 });
    house.post("/scheduled/guarding", interval).await.refused(400, "repeatsConfig.interval");
    let mut both = good.clone();
    both["scheduledAt"] = from.to_string().into();
    house.post("/scheduled/guarding", both).await.refused(400, "scheduledAt");
    house.post("/scheduled/gua%20rd", good.clone()).await.refused(400, "serviceType");
    let mut unknown = good;
    unknown["customerId"] = 1.into();
    house.post("/scheduled/guarding", unknown).await.refused(404, "Customer not found");
    assert_eq!(house.nobody().get("/control/scheduled").await.ok(200), json!([]));
}
