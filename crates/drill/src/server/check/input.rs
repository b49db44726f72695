//! Bodies that are not what they should be.

use reqwest::Body;

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::issuer::json_request;
use crate::server::range::Range;
use crate::web;

pub const STRICT: Card = Card {
    name: "strict-bodies",
    title: "A body that could be misread is refused, and never a fault",
    severity: Severity::Medium,
    why: "Members that are ignored or doubled are read differently by a proxy, a filter and the server behind them.",
    source: "RFC 8259 §4, OWASP ASVS 5 §2.2",
    fix: "Refuse unknown and duplicate members with 400.",
};

pub async fn reads_strictly(range: &Range) -> Result<Outcome, CannotRun> {
    let good = range.login(&range.name, &range.password).to_string();
    let inside = good.trim_end_matches('}');
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let bodies = [
        ("an unknown member", format!("{inside},\"drill\":true}}")),
        (
            "a member twice",
            format!("{inside},\"username\":\"somebody\"}}"),
        ),
        ("bytes behind the object", format!("{good}{{}}")),
        ("an array", format!("[{good}]")),
        ("half of it", good[..good.len() / 2].to_owned()),
        ("5,000 levels", deep),
        ("nothing", String::new()),
        (
            "a password that is an object",
            r#"{"username":"drill","password":{"$ne":1}}"#.to_owned(),
        ),
    ];
    let (tried, mut evidence) = (bodies.len(), Vec::new());
    for (what, body) in bodies {
        let request = range.issuer.http.post(range.issuer.at("/v1/login"));
        let answer = web::ask(json_request(request, body)).await;
        let is_refused = answer
            .as_ref()
            .is_ok_and(|reply| (400..500).contains(&reply.status));
        if !is_refused {
            evidence.push(Evidence::of(
                format!("a login with {what}"),
                web::told(&answer),
            ));
        }
    }
    Ok(Outcome::of(tried, evidence))
}

pub const OVERSIZE: Card = Card {
    name: "oversize-bodies",
    title: "A body of absurd size is refused",
    severity: Severity::High,
    why: "Memory that grows with what strangers send is theirs to fill.",
    source: "CWE-770, OWASP ASVS 5 §5.2.1",
    fix: "Bound the size of bodies in the server and in the proxy in front.",
};

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

pub async fn bounds_bodies(range: &Range) -> Result<Outcome, CannotRun> {
    let mut body = br#"{"username":"drill","password":""#.to_vec();
    body.resize(TEN_MEGABYTES, b'x');
    body.extend(br#""}"#);
    let request = range.issuer.http.post(range.issuer.at("/v1/login"));
    let request = request
        .header("content-type", "application/json")
        .body(Body::from(body));
    // A cut connection is a refusal too, since the server need not read on; a gateway in front says 502 to that.
    let answer = web::ask(request).await;
    let is_refused = match &answer {
        Ok(reply) => matches!(reply.status, 400..=499 | 502),
        Err(silence) => !silence.timed_out,
    };
    let evidence = (!is_refused).then(|| Evidence::of("a login of 10 MB", web::told(&answer)));
    Ok(Outcome::of(1, evidence.into_iter().collect()))
}
