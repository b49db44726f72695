//! JSON that two parsers could read differently is refused. Driven through the claims reader, which visits every value.

use keywright_jwt::{ClaimIndex, ClaimsError, JsonError};

fn read(json: &str) -> Result<(), ClaimsError> {
    ClaimIndex::read(&mut json.to_owned()).map(|_| ())
}

fn error(json: &str) -> JsonError {
    match read(json) {
        Err(ClaimsError::Json(error)) => error,
        other => panic!("{json} was not refused as JSON: {other:?}"),
    }
}

#[test]
fn every_kind_of_value_is_read() {
    let json = r#" { "a" : [ ] , "b" : { } , "c" : [1, -0.5, 1e3, 1E-2, 0, "", "ü", true, false, null, [[{}]]] } "#;
    assert_eq!(read(json), Ok(()));
}

#[test]
fn text_that_is_no_json_is_a_syntax_error() {
    let broken = [
        "",
        " ",
        "{",
        "}",
        "{}}",
        "{} {}",
        "{},",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\":[1,]}",
        "{\"a\":[1 2]}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-Infinity}",
        "{\"a\":nul}",
        "{\"a\":True}",
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u+123\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u{0}\"}",
        "{\"a\":\"0123456\u{1f}\"}",
        "\u{feff}{}",
        "{}\u{0}",
        "{/**/}",
        "{}//",
        "{\"a\":1}garbage",
        "{\"a\":1\u{b}}",
        "{\"a\":\u{a0}1}",
    ];
    for json in broken {
        assert!(
            matches!(error(json), JsonError::Syntax { .. }),
            "{json:?} gave {:?}",
            error(json)
        );
    }
}

#[test]
fn anything_but_an_object_is_refused() {
    for json in ["[]", "\"x\"", "1", "null", "true", "[{\"iss\":\"a\"}]"] {
        assert!(
            matches!(error(json), JsonError::WrongType { at: 0 }),
            "{json}"
        );
    }
}

#[test]
fn duplicates_are_found_among_few_and_among_many() {
    assert_eq!(error(r#"{"exp":1,"exp":2}"#), JsonError::DuplicateMember);
    assert_eq!(
        error(r#"{"sub":"a","s\u0075b":"b"}"#),
        JsonError::DuplicateMember
    );
    assert_eq!(
        error(r#"{"x":{"y":{"z":1,"z":1}}}"#),
        JsonError::DuplicateMember
    );
    for members in [1, 23, 24, 25, 60] {
        let list = (0..members)
            .map(|at| format!("\"member{at}\":{at}"))
            .collect::<Vec<_>>()
            .join(",");
        assert_eq!(read(&format!("{{{list}}}")), Ok(()), "{members} members");
        for repeated in 0..members {
            let json = format!("{{{list},\"member{repeated}\":0}}");
            assert_eq!(
                error(&json),
                JsonError::DuplicateMember,
                "member {repeated} of {members}"
            );
        }
    }
}

#[test]
fn names_that_share_beginning_and_length_are_different_names() {
    assert_eq!(
        read(r#"{"https://a.example/x":1,"https://a.example/y":1,"https:/":1,"https:/ ":1,"":1}"#),
        Ok(())
    );
}

#[test]
fn depth_and_breadth_are_bounded() {
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(read(&nested(31)), Ok(()));
    assert_eq!(error(&nested(32)), JsonError::TooDeep);
    assert_eq!(error(&nested(10_000)), JsonError::TooDeep);
    let wide = |members: usize| {
        let list = (0..members)
            .map(|at| format!("\"{at}\":0"))
            .collect::<Vec<_>>()
            .join(",");
        format!("{{{list}}}")
    };
    assert_eq!(read(&wide(1024)), Ok(()));
    assert_eq!(error(&wide(1025)), JsonError::TooManyMembers);
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for escape in [
        "\\ud800",
        "\\udfff",
        "\\ud800\\ud800",
        "\\ud800x",
        "\\udc00\\ud800",
        "\\ud83d\\n",
        "\\uD83D\\u0041",
    ] {
        assert_eq!(
            error(&format!("{{\"a\":\"{escape}\"}}")),
            JsonError::LoneSurrogate,
            "{escape}"
        );
        assert_eq!(
            error(&format!("{{\"{escape}\":1}}")),
            JsonError::LoneSurrogate,
            "{escape} in a name"
        );
    }
    assert_eq!(read("{\"a\":\"\\ud83d\\ude00\"}"), Ok(()));
}

#[test]
fn numbers_that_only_some_readers_can_hold_are_refused() {
    for number in ["1e400", "-1e400", "1.5e99999", "123456789e301"] {
        assert!(
            matches!(
                error(&format!("{{\"x\":{number}}}")),
                JsonError::NumberRange { .. }
            ),
            "{number}"
        );
    }
    assert_eq!(read("{\"x\":1e308}"), Ok(()));
}

#[test]
fn a_quote_is_found_at_every_distance() {
    for length in 0..40 {
        let text = "x".repeat(length);
        assert_eq!(
            read(&format!("{{\"a\":\"{text}\",\"b\":\"{text}\\\"\"}}")),
            Ok(()),
            "length {length}"
        );
        let umlauts = "ü".repeat(length);
        assert_eq!(
            read(&format!("{{\"a\":\"{umlauts}\"}}")),
            Ok(()),
            "umlauts {length}"
        );
        assert!(
            matches!(
                error(&format!("{{\"a\":\"{text}\u{1}\"}}")),
                JsonError::Syntax { .. }
            ),
            "control at {length}"
        );
    }
}
