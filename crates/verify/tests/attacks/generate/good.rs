use super::Family;
use crate::catalogue::Case;
use crate::forge::{
    AUDIENCE, Members, claims, good, header, quote, token, with_header, with_payload,
};
use crate::keys::{ASYMMETRIC, Signer};

pub fn write(cases: &mut Vec<Case>) {
    algorithms(cases);
    headers(cases);
    payloads(cases);
    requirements(cases);
}

fn algorithms(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "good", "good-algorithm").why(
        "RFC 9068 §2",
        "a good access token; whoever refuses it refuses everything",
    );
    for algorithm in ASYMMETRIC {
        family.accept(algorithm, good(algorithm));
    }
    family.accept(
        "Ed25519 by its RFC 9864 name",
        with_header(header("EdDSA").with("alg", r#""Ed25519""#).json()),
    );
    for (verifier, algorithm) in [("hs256", "HS256"), ("hs384", "HS384"), ("hs512", "HS512")] {
        family = family.at(verifier);
        let named = Members::new(&[
            ("alg", &quote(algorithm)),
            ("typ", r#""at+jwt""#),
            ("kid", r#""shared""#),
        ]);
        let signer = Signer::of(algorithm);
        family.accept(algorithm, token(named.json(), claims().json(), &signer));
        family.accept(
            format!("{algorithm} without kid"),
            token(named.without("kid").json(), claims().json(), &signer),
        );
    }
}

fn headers(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "good", "good-header").why(
        "RFC 7515 §4",
        "members that are not understood are ignored unless crit names them",
    );
    let base = || header("EdDSA");
    family.accept(
        "other member order",
        with_header(base().without("alg").and("alg", r#""EdDSA""#).json()),
    );
    family.accept(
        "white space",
        with_header(format!(" {}\r\n\t", base().json().replace(',', " ,\n "))),
    );
    family.accept(
        "escaped spelling",
        with_header(r#"{"\u0061lg":"Ed\u0044SA","typ":"at\u002bjwt","kid":"ed25519\u002d1"}"#),
    );
    family.accept(
        "unknown members",
        with_header(
            base()
                .and("x", r#"{"a":[1,2.5e3,null,true,"\ud83d\ude00"]}"#)
                .json(),
        ),
    );
    family.accept(
        "certificate thumbprint",
        with_header(base().and("x5t#S256", r#""AAAA""#).json()),
    );
    family.accept(
        "typ as full media type",
        with_header(base().with("typ", r#""application/at+jwt""#).json()),
    );
    family.accept(
        "no kid where one key fits",
        with_header(base().without("kid").json()),
    );
    family = family.at("one-key");
    let nameless = header("ES256").without("kid").json();
    family.accept(
        "no kid and one key",
        token(nameless, claims().json(), &Signer::of("ES256")),
    );
    family = family.at("unnamed-key-first");
    family.accept(
        "a key without kid stands before the named one",
        with_header(base().json()),
    );
    family = family.at("weak-keys");
    family.accept("a healthy key among weak ones", with_header(base().json()));
    family = family.at("es256-only");
    family.accept("the allowed algorithm of several", good("ES256"));
}

fn payloads(cases: &mut Vec<Case>) {
    let mut family =
        Family::new(cases, "good", "good-payload").why("RFC 7519 §4", "unusual, and right");
    family.accept(
        "several audiences",
        with_payload(
            claims()
                .with(
                    "aud",
                    &format!("[{},{}]", quote("https://a.example"), quote(AUDIENCE)),
                )
                .json(),
        ),
    );
    family.accept(
        "audience array of one",
        with_payload(
            claims()
                .with("aud", &format!("[{}]", quote(AUDIENCE)))
                .json(),
        ),
    );
    family.accept(
        "escaped slashes",
        with_payload(
            claims()
                .with("aud", r#""https:\/\/orders.example""#)
                .with("iss", r#""https:\/\/id.example""#)
                .json(),
        ),
    );
    family.accept(
        "escaped member names",
        with_payload(
            claims()
                .without("iss")
                .and("\\u0069ss", r#""https://id.example""#)
                .json(),
        ),
    );
    family.accept(
        "text of all planes",
        with_payload(claims().with("sub", r#""\u00e9 é 😀 \ud83d\ude00""#).json()),
    );
    family.accept(
        "white space",
        with_payload(format!("\n{} ", claims().json().replace("\":", "\" : "))),
    );
    family.accept(
        "numbers of every shape in claims of its own",
        with_payload(
            claims()
                .and("x", "[0,-1,1.5,1e3,1E-3,-0.0,9007199254740993]")
                .json(),
        ),
    );
    family.accept(
        "nested as deep as the limit",
        with_payload(
            claims()
                .and("x", &format!("{}{}", "[".repeat(31), "]".repeat(31)))
                .json(),
        ),
    );
    family.accept(
        "a hundred claims",
        with_payload(
            (0..100)
                .fold(claims(), |all, at| all.and(&format!("c{at}"), "1"))
                .json(),
        ),
    );
    family.accept("no scope", with_payload(claims().without("scope").json()));
    family = family.at("no-size-limit");
    let mut audiences: Vec<_> = (0..1000)
        .map(|at| quote(&format!("https://{at}.example")))
        .collect();
    audiences.push(quote(AUDIENCE));
    family.accept(
        "a thousand audiences",
        with_payload(
            claims()
                .with("aud", &format!("[{}]", audiences.join(",")))
                .json(),
        ),
    );
}

fn requirements(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "good", "good-requirement")
        .why("RFC 6750 §3.1", "the token has what the service requires");
    family = family.at("scope-required");
    family.accept(
        "scope among others",
        with_payload(
            claims()
                .with("scope", r#""a read:orders write:orders""#)
                .json(),
        ),
    );
    family = family.at("role-required");
    family.accept(
        "role as a string",
        with_payload(claims().and("roles", r#""admin""#).json()),
    );
    family.accept(
        "role among others",
        with_payload(claims().and("roles", r#"["viewer","admin"]"#).json()),
    );
    family = family.at("strong-login");
    family.accept(
        "acr as asked",
        with_payload(claims().and("acr", r#""phr""#).json()),
    );
    family = family.at("behind-gateway");
    family.accept(
        "bound token whose proof was checked before",
        with_payload(
            claims()
                .and(
                    "cnf",
                    r#"{"jkt":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"}"#,
                )
                .json(),
        ),
    );
    family = family.at("id-token");
    let id_claims = claims()
        .with("aud", r#""shop""#)
        .without("client_id")
        .without("scope")
        .and("nonce", r#""n-0S6""#);
    let id_header = header("EdDSA").with("typ", r#""JWT""#);
    family.accept(
        "ID token where ID tokens are taken",
        token(id_header.json(), id_claims.json(), &Signer::of("EdDSA")),
    );
    family = family.at("no-typ");
    family.accept(
        "no typ where none is written",
        with_header(header("EdDSA").without("typ").json()),
    );
}
