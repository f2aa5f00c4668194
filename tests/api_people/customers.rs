//! Customers: made, read, changed, deleted.

use super::*;

#[tokio::test]
async fn create_and_get_customer() {
    let house = House::open().await;
    let created = house.post("/customers", fixture("v2/create-customer.request.json")).await.ok(201);
    assert_same_shape(&created, &fixture("v2/create-customer.response.json"));
    let path = format!("/customers/{}", created["customerId"]);
    let read = house.get(&path).await.ok(200);
    assert_eq!(read["customer"], created["customer"]);
    assert_eq!(read["customer"]["mobile"], "+27821234567");
    house.post("/customers", fixture("v2/create-customer.request.json")).await.refused(409, "mobile");
    house.get("/customers/1").await.refused(404, "Customer not found");
    house.get("/customers/abc").await.refused(400, "customerId must be an integer");
    let fields = read["customer"].as_object().unwrap();
    let older = fixture("v2/get-customer.response.older-flat.json");
    assert_eq!(older.as_object().unwrap().len(), 7);
    assert!(fields.contains_key("externalReferenceId") && fields.contains_key("customerSourceId"));
}

#[tokio::test]
async fn create_customer_in_the_older_flat_form() {
    let house = House::open().await;
    let created =
        house.post("/customers", fixture("v2/create-customer.request.older-flat.json")).await.ok(201);
    assert_eq!(created["customer"]["name"], "Testy");
    assert!(created.get("subscription").is_none());
    let older = fixture("v2/create-customer.response.older-flat.json");
    assert_eq!(created["customer"]["mobile"], older["mobileNumber"]);
    let vehicle = json!({
        "firstName": "Sam", "lastName": "Doe", "mobileNumber": "0820000001", "vehicleMake": "Box",
        "externalReferenceId": "partner-user-123",
    });
    let created = house.post("/customers", vehicle).await.ok(201);
    assert_eq!(created["customer"]["vehicleMake"], "Box");
    assert_eq!(created["customer"]["externalReferenceId"], "partner-user-123");
    let create = async |body: Value| house.post("/customers", body).await;
    create(json!({ "firstName": "Sam", "mobileNumber": "1" })).await.refused(400, "lastName is required");
    create(json!({ "lastName": "Doe" })).await.refused(400, "firstName is required");
    create(json!({ "firstName": 7, "lastName": "Doe" })).await.refused(400, "firstName is not valid");
    create(json!({})).await.refused(400, "customer is required");
}

fn everything() -> Value {
    json!({
        "name": "Jane", "surname": "Doe", "mobile": "+27 82 000 0001", "email": "jane@example.com",
        "gender": "F", "dateOfBirth": "1990-02-28", "vehicleMake": "Box", "vehicleModel": "One",
        "vehicleColour": "Red", "vehicleLicensePlate": "ABC 123 GP", "externalReferenceId": "user-1",
        "hasMedicalAid": true, "medicalAidScheme": "Example Aid", "medicalAidNumber": "0001",
        "medicalConditions": "Asthma", "medications": "Inhaler", "allergies": "Penicillin",
        "bloodtype": "O+", "nextOfKinName": "Sam Doe", "nextOfKinNumber": "+27820000002",
        "familyDoctorPhoneNumber": "+27820000003", "medicalOther": "None", "businessName": "Example",
        "duressCode": "blue", "somethingNew": { "kept": [1, 2] },
    })
}

#[tokio::test]
async fn every_optional_field_is_kept_given_back_and_of_its_kind() {
    let house = House::open().await;
    let created = house.post("/customers", json!({ "customer": everything() })).await.ok(201);
    let read = house.get(&format!("/customers/{}", created["customerId"])).await.ok(200);
    for (field, value) in everything().as_object().unwrap() {
        assert_eq!(&read["customer"][field], value, "{field}");
    }
    for (field, _) in everything().as_object().unwrap().iter().filter(|(field, _)| *field != "somethingNew") {
        let mut wrong = everything();
        wrong["mobile"] = "+27820000009".into();
        wrong[field] = json!({ "not": "this" });
        let refused = house.post("/customers", json!({ "customer": wrong })).await;
        refused.refused(400, &format!("customer.{field} is not valid"));
    }
    let mut number = everything();
    number["mobile"] = "+27820000009".into();
    number["medicalAidNumber"] = 1.into();
    house.post("/customers", json!({ "customer": number })).await.refused(400, "customer.medicalAidNumber");
}

#[tokio::test]
async fn a_mobile_is_a_number_and_one_number_is_one_customer() {
    let house = House::open().await;
    let create = async |mobile: &str| {
        let customer = json!({ "name": "Jane", "surname": "Doe", "mobile": mobile });
        house.post("/customers", json!({ "customer": customer })).await
    };
    create("+27821234567").await.ok(201);
    for same in ["0821234567", "+27 82 123 4567", "0027821234567", "27821234567", "(082) 123-4567"] {
        create(same).await.refused(409, "mobile");
    }
    for wrong in ["", "   ", "none", "12", "+", "+27821234567890123"] {
        create(wrong).await.refused(400, "customer.mobile");
    }
    let secret = create("Jane Doe 0821234567").await;
    assert!(!secret.body["message"].as_str().unwrap().contains("082"), "{}", secret.body);
}

#[tokio::test]
async fn subscription_and_subscription_id_exclude_each_other() {
    let house = House::open().await;
    let (_, subscription) = house.subscribed("+27820000001").await;
    let mut body = fixture("v2/create-customer.request.json");
    body["subscriptionId"] = subscription.into();
    house.post("/customers", body.clone()).await.refused(400, "subscriptionId");
    body.as_object_mut().unwrap().remove("subscription");
    let joined = house.post("/customers", body).await.ok(201);
    assert_eq!(joined["subscription"]["id"], subscription);
    house.asker.callout(joined["customerId"].as_i64().unwrap()).await;
}

#[tokio::test]
async fn update_customer() {
    let house = House::open().await;
    let created = house.post("/customers", json!({ "customer": everything() })).await.ok(201);
    let path = format!("/customers/{}", created["customerId"]);
    let change =
        json!({ "customer": { "surname": "Roe", "allergies": null, "gender": null, "bloodtype": "A-" } });
    let updated = house.put(&path, change).await.ok(200);
    let mut expected = created["customer"].clone();
    let fields = expected.as_object_mut().unwrap();
    fields.insert("surname".to_owned(), "Roe".into());
    fields.insert("bloodtype".to_owned(), "A-".into());
    fields.insert("updatedAt".to_owned(), updated["customer"]["updatedAt"].clone());
    assert!(fields.remove("allergies").is_some() && fields.remove("gender").is_some());
    assert_eq!(updated["customer"], expected);
    assert_eq!(house.get(&path).await.ok(200)["customer"], expected);

    let flat = house.put(&path, json!({ "lastName": "Doe", "mobileNumber": "0830000001" })).await.ok(200);
    assert_eq!((&flat["customer"]["surname"], &flat["customer"]["name"]), (&"Doe".into(), &"Jane".into()));
    assert_eq!(flat["customer"]["mobile"], "0830000001");
    assert_eq!(flat["customer"]["nextOfKinName"], "Sam Doe");
    house.stranger("+27820000001").await;
    let email = house.put(&path, json!({ "email": "new@example.com" })).await.ok(200);
    assert_eq!(email["customer"]["email"], "new@example.com");
}

#[tokio::test]
async fn update_customer_refuses_what_a_create_refuses() {
    let house = House::open().await;
    let (jane, _) = house.subscribed("+27821234567").await;
    house.stranger("+27820000001").await;
    let path = format!("/customers/{jane}");
    let put = async |customer: Value| house.put(&path, json!({ "customer": customer })).await;
    put(json!({ "mobile": "082 000 0001" })).await.refused(409, "mobile");
    for wrong in [json!(""), json!(" "), json!(null), json!("x"), json!(["+27820000009"])] {
        put(json!({ "mobile": wrong })).await.refused(400, "customer.mobile");
    }
    put(json!({ "name": " " })).await.refused(400, "customer.name");
    put(json!({ "surname": null })).await.refused(400, "customer.surname");
    put(json!({ "hasMedicalAid": "yes" })).await.refused(400, "customer.hasMedicalAid");
    house.put(&path, json!({ "mobileNumber": null, "lastName": "X" })).await.refused(400, "mobileNumber");
    house.put(&path, json!({})).await.refused(400, "customer is required");
    house.put(&path, json!({ "customer": ["Jane"] })).await.refused(400, "customer must be an object");
    house.put("/customers/1", json!({ "email": "x@example.com" })).await.refused(404, "Customer");
    house.put("/customers/x", json!({ "email": "x@example.com" })).await.refused(400, "customerId");
    put(json!({ "mobile": "+27 82 123 4567" })).await.ok(200);
    assert_eq!(house.get(&path).await.ok(200)["customer"]["name"], "Jane", "nothing half done");
}

#[tokio::test]
async fn delete_customer() {
    let house = House::open().await;
    let (jane, subscription) = house.subscribed("+27821234567").await;
    let callout = house.asker.callout(jane).await;
    let scoped = house.scoped(jane).await;
    let path = format!("/customers/{jane}");
    let deleted = house.post(&format!("{path}/delete"), json!({})).await.ok(200);
    assert_eq!(deleted.as_object().unwrap().keys().collect::<Vec<_>>(), ["message"]);
    house.get(&path).await.refused(404, "Customer");
    house.put(&path, json!({ "email": "x@example.com" })).await.refused(404, "Customer");
    house.post(&format!("{path}/delete"), json!({})).await.refused(404, "Customer");
    house.get(&format!("{path}/subscriptions")).await.refused(404, "Customer");
    house.get(&format!("{path}/callouts")).await.refused(404, "Customer");
    house.post("/oauth/calloutToken", json!({ "customerId": jane })).await.refused(404, "Customer");
    house.post("/customers/x/delete", json!({})).await.refused(400, "customerId");

    let place = json!({ "latitude": -26.1, "longitude": 28.1 });
    let callout = format!("{V2}/callouts/{callout}");
    scoped.post(&format!("{callout}/location"), place).await.ok(200);
    assert_eq!(scoped.get(&callout).await.ok(200)["callout"]["status"], "created");
    scoped.post(&format!("{callout}/cancel"), json!({ "safeCode": "4567" })).await.ok(200);
    assert_eq!(house.get(&format!("/subscriptions/{subscription}")).await.ok(200)["customerId"], jane);
    assert_ne!(house.stranger("+27821234567").await, jane, "the number is free again");
}
