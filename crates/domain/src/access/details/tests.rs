use std::collections::BTreeMap;

use keywright_jwt::Algorithm;
use serde_json::{Value, json};

use super::*;
use crate::access::Api;
use crate::client::{Client, Registration, fixtures};
use crate::{Period, Time};

const BANK: &str = "https://bank.example";

fn payment() -> Value {
    json!({ "description": "Pay once", "schema": {
        "properties": {
            "amount": { "type": "object", "required": ["value"], "properties": {
                "currency": { "type": "string", "enum": ["EUR", "CHF"] },
                "value": { "type": "string", "maxLength": 8 },
            } },
            "actions": { "type": "array", "maxItems": 2, "items": { "type": "string", "enum": ["initiate", "cancel"] } },
            "times": { "type": "integer" },
            "rate": { "type": "number" },
            "urgent": { "type": "boolean" },
            "text": { "type": "string" },
        },
        "required": ["amount"],
    } })
}

fn bank() -> Api {
    Api {
        audience: BANK.parse().unwrap(),
        name: "The bank".to_owned(),
        scopes: BTreeMap::new(),
        access_lifetime: Period::minutes(5),
        algorithm: Algorithm::Es256,
        claims: Default::default(),
        details: types(json!({ "payment": payment(), "account": payment() })).unwrap(),
        created_at: Time::from_secs(0),
    }
}

fn client() -> Client {
    Client {
        allowed: [(BANK.parse().unwrap(), Default::default())].into(),
        registration: Registration {
            authorization_details_types: ["payment".parse().unwrap()].into(),
            ..Registration::default()
        },
        ..fixtures::client("shop")
    }
}

fn types(json: Value) -> Result<DetailTypes, String> {
    serde_json::from_value(json).map_err(|error| error.to_string())
}

fn registered(schema: Value) -> Result<(), String> {
    let types = types(json!({ "t": { "description": "Says it", "schema": schema } }))?;
    check(&types).map_err(|refused| refused.to_string())
}

fn ask(details: &Value) -> Result<AuthorizationDetails, DetailsRefused> {
    AuthorizationDetails::asked(&details.to_string(), &bank(), &client())
}

/// A payment with this member besides.
fn with(name: &str, value: Value) -> Value {
    let mut detail = json!({ "type": "payment", "amount": { "value": "1.00" } });
    detail[name] = value;
    json!([detail])
}

#[test]
fn details_are_taken_as_their_type_has_them() {
    for (name, value) in [
        ("amount", json!({ "value": "1234.567", "currency": "CHF" })),
        ("actions", json!(["initiate", "cancel"])),
        ("actions", json!([])),
        ("times", json!(-3)),
        ("times", json!(u64::MAX)),
        ("rate", json!(1.5)),
        ("urgent", json!(true)),
        ("text", json!("x".repeat(256))),
        ("locations", json!([BANK])),
        ("locations", json!([BANK, BANK])),
    ] {
        let asked = with(name, value);
        let taken = ask(&asked).unwrap_or_else(|refused| panic!("{asked}: {refused}"));
        assert_eq!(json!(taken), asked);
    }
}

#[test]
fn details_that_are_not_as_their_type_has_them_are_refused() {
    for (name, value) in [
        ("amount", json!("1.00")),
        ("amount", json!({ "currency": "EUR" })),
        ("amount", json!({ "value": "123456789" })),
        ("amount", json!({ "value": "1", "currency": "USD" })),
        ("amount", json!({ "value": "1", "fee": "1" })),
        ("amount", json!(null)),
        ("actions", json!(["initiate", "cancel", "initiate"])),
        ("actions", json!(["steal"])),
        ("actions", json!("initiate")),
        ("times", json!(1.5)),
        ("times", json!("1")),
        ("rate", json!("1")),
        ("urgent", json!(1)),
        ("text", json!("x".repeat(257))),
        ("text", json!("to Ann\u{202e}boB ot")),
        ("text", json!("two\nlines")),
        ("creditor", json!("Bob")),
    ] {
        let asked = with(name, value);
        assert_eq!(ask(&asked), Err(DetailsRefused::Unfit), "{asked}");
    }
    let nothing = json!([{ "type": "payment" }]);
    assert_eq!(ask(&nothing), Err(DetailsRefused::Unfit));
}

#[test]
fn a_request_is_refused_for_any_of_its_details() {
    let good = &with("times", json!(1))[0];
    let long = with("text", json!("\u{1f511}".repeat(256)))[0].clone();
    for (asked, refused) in [
        (json!([]), DetailsRefused::Malformed),
        (json!({ "type": "payment" }), DetailsRefused::Malformed),
        (json!(["payment"]), DetailsRefused::Malformed),
        (json!([good, {}]), DetailsRefused::Malformed),
        (json!([good, { "type": 1 }]), DetailsRefused::Malformed),
        (json!(vec![good; 11]), DetailsRefused::Malformed),
        (with("locations", json!(BANK)), DetailsRefused::Malformed),
        (json!(vec![long.clone(); 4]), DetailsRefused::TooLong),
        // Less than may be sent, and more than the API's tokens have room for.
        (json!([long.clone(), long]), DetailsRefused::TooLong),
        (
            json!([good, { "type": "fly" }]),
            DetailsRefused::UnknownType,
        ),
        (
            json!([good, { "type": "account" }]),
            DetailsRefused::NotAllowed,
        ),
        (with("locations", json!([])), DetailsRefused::OtherApi),
        (
            with("locations", json!([BANK, "https://mail.example"])),
            DetailsRefused::OtherApi,
        ),
        (with("locations", json!([1])), DetailsRefused::OtherApi),
    ] {
        assert_eq!(ask(&asked), Err(refused), "{asked}");
    }
    for text in ["", "[", "payment", "[{\"type\":\"payment\"}] []"] {
        let asked = AuthorizationDetails::asked(text, &bank(), &client());
        assert_eq!(asked, Err(DetailsRefused::Malformed), "{text}");
    }
    let stranger = Client {
        allowed: BTreeMap::new(),
        ..client()
    };
    let text = json!([good]).to_string();
    let asked = AuthorizationDetails::asked(&text, &bank(), &stranger);
    assert_eq!(asked, Err(DetailsRefused::NotAllowed));
}

#[test]
fn what_api_or_client_have_lost_is_in_no_new_token() {
    let granted = ask(&with("times", json!(1))).unwrap();
    assert_eq!(granted.within(&bank(), &client()), granted);
    let mut narrower = payment();
    narrower["schema"]["properties"]
        .as_object_mut()
        .unwrap()
        .remove("times");
    for types_now in [json!({}), json!({ "payment": narrower })] {
        let now = Api {
            details: types(types_now).unwrap(),
            ..bank()
        };
        assert!(granted.within(&now, &client()).is_empty());
    }
    let without = Client {
        registration: Registration::default(),
        ..client()
    };
    assert!(granted.within(&bank(), &without).is_empty());
}

#[test]
fn a_person_reads_every_member() {
    let amount = json!({ "value": "5.00", "currency": "EUR" });
    let asked = json!([{ "type": "payment", "locations": [BANK], "amount": amount, "actions": ["initiate", "cancel"], "urgent": true }]);
    let readable = ask(&asked).unwrap().readable(&bank());
    let members = [
        ("actions 1", "initiate"),
        ("actions 2", "cancel"),
        ("amount.currency", "EUR"),
        ("amount.value", "5.00"),
        ("urgent", "true"),
    ];
    let members = members.map(|(place, value)| (place.to_owned(), value.to_owned()));
    let expected = ReadableDetail {
        kind: "payment".to_owned(),
        says: "Pay once".to_owned(),
        members: members.into(),
    };
    assert_eq!(readable, [expected]);
}

#[test]
fn a_schema_that_bounds_nothing_or_cannot_be_met_is_not_registered() {
    let nested = |inner: Value| json!({ "properties": { "a": { "type": "object", "properties": { "b": { "type": "array", "items": inner } } } } });
    assert_eq!(registered(payment()["schema"].clone()), Ok(()));
    assert_eq!(
        registered(nested(json!({ "type": "object", "properties": {} }))),
        Ok(())
    );
    let deeper = json!({ "type": "object", "properties": { "c": { "type": "array", "items": { "type": "string" } } } });
    let many: BTreeMap<String, Value> = (0..65)
        .map(|n| (format!("p{n}"), json!({ "type": "boolean" })))
        .collect();
    for (schema, complaint) in [
        (nested(deeper), "deep"),
        (json!({ "properties": {}, "required": ["a"] }), "required"),
        (
            json!({ "properties": { "a b": { "type": "string" } } }),
            "a property is",
        ),
        (json!({ "properties": many }), "at most 64"),
        (
            json!({ "properties": { "a": { "type": "string", "enum": [] } } }),
            "enum",
        ),
        (
            json!({ "properties": { "type": { "type": "string" } } }),
            "every detail",
        ),
        (
            json!({ "properties": { "locations": { "type": "string" } } }),
            "every detail",
        ),
        // Keywords that nobody here would keep.
        (
            json!({ "properties": { "a": { "type": "string", "pattern": "^x$" } } }),
            "unknown field",
        ),
        (
            json!({ "properties": { "a": { "type": "integer", "minimum": 1 } } }),
            "unknown field",
        ),
        (
            json!({ "properties": {}, "additionalProperties": true }),
            "unknown field",
        ),
        (
            json!({ "properties": { "a": { "type": "null" } } }),
            "unknown variant",
        ),
        (json!({ "properties": { "a": {} } }), "type"),
    ] {
        let refused = registered(schema.clone()).expect_err(&schema.to_string());
        assert!(refused.contains(complaint), "{schema}: {refused}");
    }
}

#[test]
fn a_type_has_a_name_and_words_for_people() {
    let one =
        |says: &str| types(json!({ "t": { "description": says, "schema": { "properties": {} } } }));
    for wrong in ["", "two\nlines", &"x".repeat(501)] {
        let refused = check(&one(wrong).unwrap());
        assert!(
            matches!(refused, Err(DetailTypeRefused::Description(_))),
            "{wrong}"
        );
    }
    for wrong in ["", "a b", "a\"b", "a\\b", "\u{e9}", &"x".repeat(129)] {
        assert_eq!(
            wrong.parse::<DetailTypeName>(),
            Err(MalformedDetailType),
            "{wrong}"
        );
    }
    assert!(
        "https://scheme.example/files"
            .parse::<DetailTypeName>()
            .is_ok()
    );
    let kind = &one("Says it").unwrap()["t"];
    let many: DetailTypes = (0..17)
        .map(|n| (format!("t{n}").parse().unwrap(), kind.clone()))
        .collect();
    assert_eq!(check(&many), Err(DetailTypeRefused::TooMany));
}
