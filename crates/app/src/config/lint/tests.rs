use super::*;

fn config(text: &str) -> Config {
    toml::from_str(text).unwrap()
}

fn worst(text: &str, key: &str) -> Option<Severity> {
    lint(&config(text))
        .into_iter()
        .filter(|f| f.key == key)
        .map(|f| f.severity)
        .max()
}

#[test]
fn the_defaults_have_no_error() {
    assert!(
        lint(&Config::default())
            .iter()
            .all(|f| f.severity == Severity::Warning)
    );
}

#[test]
fn each_unsafe_choice_is_an_error() {
    for (text, key) in [
        ("[listen]\naddress = \"0.0.0.0:80\"", "listen.address"),
        (
            "[listen]\ntrusted_proxies = [\"0.0.0.0/0\"]",
            "listen.trusted_proxies",
        ),
        (
            "[tls]\nclient_certificates = \"proxy\"",
            "tls.client_certificates",
        ),
        (
            "[tls]\nclient_certificates = \"listener\"",
            "tls.client_certificates",
        ),
        (
            "[listen]\ntrusted_proxies = [\"10.0.0.2\"]\n[tls]\nclient_certificates = \"proxy-verified\"\nclient_roots = \"a\"",
            "tls.client_roots",
        ),
        (
            "[tls]\nclient_url = \"https://mtls.example.org\"",
            "tls.client_url",
        ),
        (
            "[listen]\ntrusted_proxies = [\"10.0.0.2\"]\n[tls]\nclient_certificates = \"proxy\"\nclient_url = \"http://mtls.example.org\"",
            "tls.client_url",
        ),
        ("[issuer]\nurl = \"http://id.example.org\"", "issuer.url"),
        ("[issuer]\nurl = \"http://192.0.2.1:8080\"", "issuer.url"),
        ("[keys]\nalgorithm = \"HS256\"", "keys.algorithm"),
        ("[keys]\nrotation = \"5m\"", "keys.rotation"),
        (
            "[issuer]\nprevious_master_key = \"file:old.key\"",
            "issuer.previous_master_key",
        ),
        ("[pkcs11]\nsessions = 0", "pkcs11.sessions"),
        (
            "[transit]\nurl = \"http://bao.example.org:8200\"",
            "transit.url",
        ),
        ("[transit]\nurl = \"bao.example.org\"", "transit.url"),
        ("[transit]\nmount = \"/\"", "transit.mount"),
        ("[transit]\nmount = \"a b\"", "transit.mount"),
        ("[tokens]\nlongest = \"2h\"", "tokens.longest"),
        ("[tokens]\naccess = \"61m\"", "tokens.access"),
        ("[sessions]\ngrace = \"10m\"", "sessions.grace"),
        ("[logins]\nidle = \"30s\"", "logins.idle"),
        (
            "[logins]\nadministration = \"59s\"",
            "logins.administration",
        ),
        ("[passwords]\nmemory = 8192", "passwords.memory"),
        ("[passwords]\nqueue = 0", "passwords.queue"),
        (
            "[accounts]\npassword_strength = 5",
            "accounts.password_strength",
        ),
        ("[limits]\nletter_burst = 0", "limits"),
        ("[mail]\ntransport = \"smtp\"", "mail.host"),
        (
            "[mail]\ntransport = \"smtp\"\nhost = \"mail.example.org\"\nsecurity = \"plain\"",
            "mail.security",
        ),
        ("[mail]\ntransport = \"folder\"", "mail.folder"),
        ("[mail]\nfrom = \"nobody\"", "mail.from"),
        (
            "[webhooks]\nurl = \"https://ops.example.org/hook\"",
            "webhooks",
        ),
        ("[webhooks]\nsecret = \"file:secret\"", "webhooks"),
        (
            "[webhooks]\nurl = \"http://ops.example.org\"",
            "webhooks.url",
        ),
        (
            "[webhooks]\nurl = \"HTTP://ops.example.org\"",
            "webhooks.url",
        ),
        ("[webhooks]\nurl = \"ftp://127.0.0.1\"", "webhooks.url"),
        ("[webhooks]\nurl = \"ops.example.org\"", "webhooks.url"),
        (
            "[links]\nreset_password = \"http://example.org/reset\"",
            "links.reset_password",
        ),
        (
            "[links]\nverify_email = \"https://example.org/#verify\"",
            "links.verify_email",
        ),
    ] {
        assert_eq!(worst(text, key), Some(Severity::Error), "{text}");
    }
}

#[test]
fn each_doubtful_choice_is_a_warning() {
    for (text, key) in [
        ("[issuer]\nmaster_key = \"env:KEY\"", "issuer.master_key"),
        (
            "[issuer]\nmaster_key = \"file:new.key\"\nprevious_master_key = \"env:KEY\"",
            "issuer.previous_master_key",
        ),
        ("[pkcs11]\npin = \"env:PIN\"", "pkcs11.pin"),
        ("[transit]\ntoken = \"env:TOKEN\"", "transit.token"),
        (
            "[accounts]\nemail_verification = \"optional\"",
            "accounts.email_verification",
        ),
        ("[sessions]\nidle = \"100d\"", "sessions.idle"),
        ("[webhooks]\nsecret = \"env:HOOK\"", "webhooks.secret"),
        ("[logins]\nidle = \"31d\"", "logins.idle"),
        (
            "[logins]\nadministration = \"13h\"",
            "logins.administration",
        ),
        ("[sessions]\ngrace = \"2m\"", "sessions.grace"),
        (
            "[listen]\naddress = \"10.0.0.1:80\"\ntrusted_proxies = [\"10.0.0.2\"]",
            "metrics.address",
        ),
    ] {
        assert_eq!(worst(text, key), Some(Severity::Warning), "{text}");
    }
}

#[test]
fn plain_http_is_fine_on_loopback_and_behind_a_declared_proxy() {
    for text in [
        "[issuer]\nurl = \"http://127.0.0.1:8080\"",
        "[issuer]\nurl = \"http://localhost\"",
        "[issuer]\nurl = \"http://[::1]:8080/auth\"",
        "[listen]\naddress = \"0.0.0.0:80\"\ntrusted_proxies = [\"10.0.0.2\"]",
        "[listen]\ntrusted_proxies = [\"10.0.0.2\"]\n[tls]\nclient_certificates = \"proxy-verified\"",
        "[listen]\ntrusted_proxies = [\"10.0.0.2\"]\n[tls]\nclient_certificates = \"proxy\"\nclient_url = \"https://mtls.example.org\"",
        "[tls]\ncertificate = \"a\"\nkey = \"b\"\nclient_certificates = \"listener\"\nclient_roots = \"c\"",
        "[transit]\nurl = \"http://127.0.0.1:8200\"\nmount = \"teams/id/transit\"",
        "[webhooks]\nurl = \"http://127.0.0.1:9/hook\"\nsecret = \"file:secret\"",
        "[listen]\naddress = \"0.0.0.0:443\"\n[tls]\ncertificate = \"a\"\nkey = \"b\"",
    ] {
        assert!(
            lint(&config(text))
                .iter()
                .all(|f| f.severity == Severity::Warning),
            "{text}"
        );
    }
}
