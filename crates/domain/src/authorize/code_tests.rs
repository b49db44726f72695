use super::*;

const NOW: Time = Time::from_secs(1_800_000_000);
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https://app.example/cb";

fn stored() -> StoredCode {
    let code = AuthorizationCode {
        id: CodeId([1; 16]),
        client: "app".parse().unwrap(),
        redirect_uri: CALLBACK.to_owned(),
        user: UserId::new(NOW, [1; 10]),
        epoch: 1,
        login: LoginId::new(NOW, [1; 10]),
        audience: "orders".parse().unwrap(),
        scope: "read".parse().unwrap(),
        openid: ScopeSet::default(),
        nonce: None,
        code_challenge: Some(CHALLENGE.to_owned()),
        dpop_jkt: None,
        authenticated_at: NOW,
        amr: vec!["pwd".to_owned()],
        acr_values: Vec::new(),
        claims: Default::default(),
        details: Default::default(),
        issued_at: NOW,
        expires_at: NOW + LIFETIME,
    };
    StoredCode {
        code,
        is_spent: false,
        session: None,
    }
}

fn presented() -> PresentedCode {
    PresentedCode {
        client: "app".parse().unwrap(),
        redirect_uri: Some(CALLBACK.to_owned()),
        verifier: Some(PlainSecret::new(VERIFIER)),
        audience: None,
        proof_key: None,
    }
}

#[test]
fn the_right_client_with_the_right_verifier_opens_a_session() {
    assert_eq!(decide(&stored(), &presented(), NOW), Verdict::Open);
    let last = NOW + LIFETIME - Period::millis(1);
    assert_eq!(decide(&stored(), &presented(), last), Verdict::Open);
    let mut by_oauth_2_1 = presented();
    by_oauth_2_1.redirect_uri = None;
    assert_eq!(decide(&stored(), &by_oauth_2_1, NOW), Verdict::Open);
    let mut named = presented();
    named.audience = Some("orders".parse().unwrap());
    assert_eq!(decide(&stored(), &named, NOW), Verdict::Open);
}

#[test]
fn another_client_changes_nothing() {
    let mut other = presented();
    other.client = "other".parse().unwrap();
    let refused = Verdict::Refuse(CodeRefused::OtherClient);
    assert_eq!(decide(&stored(), &other, NOW), refused);
    let mut spent = stored();
    spent.is_spent = true;
    assert_eq!(
        decide(&spent, &other, NOW),
        refused,
        "nor does it end a session"
    );
}

#[test]
fn a_spent_code_is_reused_however_old_it_is() {
    let session = SessionId::new(NOW, [4; 10]);
    let spent = StoredCode {
        is_spent: true,
        session: Some(session),
        ..stored()
    };
    for now in [NOW, NOW + LIFETIME, NOW + Period::days(1)] {
        let verdict = decide(&spent, &presented(), now);
        assert_eq!(verdict, Verdict::Reused(Some(session)));
    }
    let mut wrong = presented();
    wrong.verifier = None;
    assert_eq!(decide(&spent, &wrong, NOW), Verdict::Reused(Some(session)));
}

#[test]
fn what_is_merely_late_or_mistaken_is_not_burnt() {
    let late = decide(&stored(), &presented(), NOW + LIFETIME);
    assert_eq!(late, Verdict::Refuse(CodeRefused::Expired));
    let mut elsewhere = presented();
    elsewhere.audience = Some("mail".parse().unwrap());
    let verdict = decide(&stored(), &elsewhere, NOW);
    assert_eq!(verdict, Verdict::Refuse(CodeRefused::Target));
}

#[test]
fn what_does_not_fit_the_request_burns_the_code() {
    let verifier = |text: &str| PresentedCode {
        verifier: Some(PlainSecret::new(text)),
        ..presented()
    };
    let other_place = PresentedCode {
        redirect_uri: Some("https://app.example/cb/".to_owned()),
        ..presented()
    };
    let unproved = PresentedCode {
        verifier: None,
        ..presented()
    };
    for (presented, mismatch) in [
        (other_place, CodeRefused::RedirectUri),
        (unproved, CodeRefused::Verifier),
        (verifier(CHALLENGE), CodeRefused::Verifier),
        (verifier(&VERIFIER[..42]), CodeRefused::Verifier),
        (verifier(&format!("{VERIFIER} ")), CodeRefused::Verifier),
        (verifier(&VERIFIER.to_lowercase()), CodeRefused::Verifier),
    ] {
        assert_eq!(decide(&stored(), &presented, NOW), Verdict::Burn(mismatch));
    }
}

#[test]
fn a_code_without_a_challenge_takes_no_verifier_and_needs_the_address() {
    let mut old = stored();
    old.code.code_challenge = None;
    assert_eq!(
        decide(&old, &presented(), NOW),
        Verdict::Burn(CodeRefused::Downgrade)
    );
    let bare = PresentedCode {
        verifier: None,
        ..presented()
    };
    assert_eq!(decide(&old, &bare, NOW), Verdict::Open);
    let nowhere = PresentedCode {
        redirect_uri: None,
        ..bare
    };
    assert_eq!(
        decide(&old, &nowhere, NOW),
        Verdict::Burn(CodeRefused::RedirectUri)
    );
}

#[test]
fn a_bound_code_needs_its_key() {
    let mut bound = stored();
    bound.code.dpop_jkt = Some(CHALLENGE.to_owned());
    let with = |key: Option<&str>| PresentedCode {
        proof_key: key.map(str::to_owned),
        ..presented()
    };
    let burnt = Verdict::Burn(CodeRefused::ProofKey);
    assert_eq!(decide(&bound, &with(None), NOW), burnt);
    assert_eq!(decide(&bound, &with(Some("another")), NOW), burnt);
    assert_eq!(decide(&bound, &with(Some(CHALLENGE)), NOW), Verdict::Open);
    let free = with(Some("the client's own choice"));
    assert_eq!(decide(&stored(), &free, NOW), Verdict::Open);
}

#[test]
fn a_verifier_proves_its_challenge_and_no_other() {
    let proved =
        |challenge: &str, verifier: &str| is_proved(challenge, &PlainSecret::new(verifier));
    assert!(proved(CHALLENGE, VERIFIER), "RFC 7636 appendix B");
    let long = "a".repeat(129);
    let hash = digest::digest(&digest::SHA256, long.as_bytes());
    let of_long = base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash.as_ref());
    assert!(!proved(&of_long, &long), "longer than RFC 7636 §4.1 allows");
}
