//! Every key: its type, its default, and the words that the reference prints about it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use keywright_domain::access::{Audience, DetailTypeName, RoleName, ScopeSet};
use keywright_domain::client::ClientId;
use keywright_jwt::Algorithm;

use super::secret::SecretRef;
use super::section::section;
use super::value::{
    Anomaly, CertificateSource, EmailVerification, ForwardedHeader, KeyGate, LogFormat,
    MailSecurity, Names, Network, RegistrationMode, SecretEncoding, Span, Transport, Url,
};

section! {
    /// Who signs.
    Issuer = "issuer" {
        /// The issuer's URL, the `iss` of every token: what clients and services use to reach it. Required.
        /// It never changes while tokens live.
        url: Option<Url> = None,
        /// Where the master key is, which seals all private keys in the database: 32 random bytes, raw or in base64, in a file that
        /// only its owner may read. Required, unless keys rest in a vault (`[pkcs11]`, `[transit]`).
        master_key: Option<SecretRef> = None,
        /// The master key of before, while it is exchanged for `master_key`: what it sealed is opened, and sealed anew at the start. The operations
        /// guide says in which order; neither of the two is changed on SIGHUP.
        previous_master_key: Option<SecretRef> = None,
        /// The client that `/v1/login` means when a request names none; `keywright-web` unless set.
        first_party_client: Option<ClientId> = None,
    }
}

section! {
    /// A PKCS#11 token, such as a hardware security module. Private keys are made in it, sign in it and never leave it; server secrets and
    /// symmetric keys are sealed under a key that does not leave it either. Beside a master key, what rests under that goes on being
    /// opened.
    Pkcs11 = "pkcs11" {
        /// The vendor's library, such as `/usr/lib/softhsm/libsofthsm2.so`. With `token` and `pin`; unset, keys rest under the master key.
        module: Option<PathBuf> = None,
        /// The label or the serial number of the token, which its security officer has initialised.
        token: Option<String> = None,
        /// A reference to the PIN of the token's user. A changed one is taken up on SIGHUP.
        pin: Option<SecretRef> = None,
        /// How many calls the token is given at once; more wait, for three seconds at most.
        sessions: u32 = 8,
        /// Whether new keys are made in the token. `false` opens what rests there and makes new keys under the master key: the way back.
        new_keys: bool = true,
    }
}

impl Pkcs11 {
    pub fn takes_new_keys(&self) -> bool {
        self.module.is_some() && self.new_keys
    }
}

section! {
    /// The Transit secrets engine of an OpenBao or HashiCorp Vault server. Private keys are made in it, sign in it and never leave it; server
    /// secrets and symmetric keys are sealed under a key that does not leave it either. Beside a master key or a token, what rests there goes
    /// on being opened.
    Transit = "transit" {
        /// The server, such as `https://bao.example.org:8200`. With `token`; unset, keys rest elsewhere.
        url: Option<String> = None,
        /// A reference to a token with the policy that the operations guide prints. It is renewed while it can be. A changed one is taken up on
        /// SIGHUP, and when the vault refuses the one in use.
        token: Option<SecretRef> = None,
        /// The path at which the engine is enabled. Each deployment needs an engine of its own.
        mount: String = "transit".to_owned(),
        /// The namespace of the engine, where the server has several.
        namespace: Option<String> = None,
        /// The authorities that vouch for the server, PEM; unset, those that the machine trusts.
        ca: Option<PathBuf> = None,
        /// Whether new keys are made in the engine. `false` opens what rests there and makes new keys elsewhere: the way back.
        new_keys: bool = true,
    }
}

impl Transit {
    pub fn takes_new_keys(&self) -> bool {
        self.url.is_some() && self.new_keys
    }
}

section! {
    /// Where requests come in.
    Listen = "listen" {
        /// The address and port to listen on.
        address: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        /// Reverse proxies that may name the client's address, in CIDR notation. Declaring one also declares that it
        /// terminates TLS.
        trusted_proxies: Vec<Network> = Vec::new(),
        /// The header in which they do: `x-forwarded` (`X-Forwarded-For`, `X-Forwarded-Proto`) or `forwarded` (RFC 7239).
        /// The other one is not read: proxies pass on what a client wrote there.
        forwarded_by: ForwardedHeader = ForwardedHeader::XForwarded,
        /// Open connections in all; those beyond are closed at once.
        max_connections: u32 = 8192,
        /// Open connections from one address, or one IPv6 /64 (trusted proxies excepted).
        max_connections_per_network: u32 = 512,
        /// How long requests that are under way may take after SIGTERM.
        drain: Span = Span::secs(20),
    }
}

section! {
    /// TLS in this process. Without it, listen on loopback or behind a declared proxy. Changed files are taken up on SIGHUP.
    Tls = "tls" {
        /// The certificate chain, PEM.
        certificate: Option<PathBuf> = None,
        /// Its private key, PEM.
        key: Option<PathBuf> = None,
        /// Certificates of clients (RFC 8705). `off`: there are none. `listener`: this process asks each client for one, and demands none. Or
        /// the proxies of listen.trusted_proxies tell them in `Client-Cert` (RFC 9440), and must overwrite or remove what clients send there:
        /// `proxy` (they take any certificate, so it stands for its key alone: `self_signed_tls_client_auth` and bound tokens), or
        /// `proxy-verified` (they refuse what has no chain to an authority of yours, so that names count too: `tls_client_auth`).
        client_certificates: CertificateSource = CertificateSource::Off,
        /// With `listener`: the authorities whose certificates stand for their names too (`tls_client_auth`), PEM. Without it a certificate stands
        /// for its key alone.
        client_roots: Option<PathBuf> = None,
        /// Where clients show certificates, if the proxy asks for them at another host than the issuer's, so that browsers are not asked: the
        /// metadata announces it in `mtls_endpoint_aliases` (RFC 8705 §5). Paths stand behind it as behind `issuer.url`, which stays the `iss` of
        /// everything.
        client_url: Option<Url> = None,
    }
}

section! {
    /// Where accounts, sessions and sealed keys rest. Either SQLite or PostgreSQL.
    Database = "database" {
        /// The SQLite file; created if there is none.
        sqlite: Option<PathBuf> = None,
        /// A reference to the PostgreSQL URL (`postgres://user:password@host/name?sslmode=verify-full`).
        postgres: Option<SecretRef> = None,
        /// Connections to PostgreSQL.
        pool: u32 = 16,
        /// This node's name, which is the name of its audit chain. Nodes that share a database need different ones.
        node: String = "main".to_owned(),
    }
}

section! {
    /// People.
    Accounts = "accounts" {
        /// Whether strangers may register.
        registration: bool = true,
        /// `required`: a login needs a proved e-mail address. With `optional`, whoever registers an address and logs in
        /// at once learns whether the address had an account.
        email_verification: EmailVerification = EmailVerification::Required,
        /// Roles of whoever registers.
        default_roles: Vec<RoleName> = Vec::new(),
        /// The zxcvbn score, 0 to 4, that a password must reach.
        password_strength: u8 = 3,
        /// How long the link in a verification letter is valid.
        verify_link: Span = Span::hours(24),
        /// How long the link in a recovery letter is valid.
        reset_link: Span = Span::minutes(30),
    }
}

section! {
    /// Logins and their refresh tokens.
    Sessions = "sessions" {
        /// A session that is not refreshed for this long ends.
        idle: Span = Span::days(30),
        /// A session ends this long after the login, however busy.
        absolute: Span = Span::days(90),
        /// How long a superseded refresh token still gets the current one again, so that lost responses and racing tabs
        /// log nobody out. `0s` is strict.
        grace: Span = Span::secs(10),
        /// What a refresh comes to that is unlike the last use of its session: `off`, `record` (an entry
        /// `session.refresh.anomalous` in the audit log), `step-up` (refused with `step_up_required`: the user logs in
        /// again), or `end` (the session ends).
        anomaly: Anomaly = Anomaly::Record,
        /// The points from which it is so: another network (/24, IPv6 /48) 25, another browser or program 40, another
        /// operating system 40, sooner than tokens expire 15.
        anomaly_threshold: u16 = 60,
        /// A database of addresses in the MaxMind format, of cities (such as GeoLite2-City.mmdb) or of countries: then another
        /// country counts 10, and a way that nobody travels in the time between 30. Read anew on SIGHUP.
        geoip: Option<PathBuf> = None,
    }
}

section! {
    /// Logins in a browser, which clients' sessions are opened from without asking for the password again.
    Logins = "logins" {
        /// A browser that is not used for this long is logged out.
        idle: Span = Span::days(7),
        /// A browser is logged out this long after the password was typed, however busy.
        absolute: Span = Span::days(30),
        /// How long after the password was typed the console is open to whom a role grants it. Then it asks for the password again.
        administration: Span = Span::hours(1),
    }
}

section! {
    /// Access tokens.
    Tokens = "tokens" {
        /// How long the access tokens of a new API live.
        access: Span = Span::minutes(5),
        /// The longest that any API may choose. Retired keys are served for this long.
        longest: Span = Span::hours(1),
        /// How long a verifier that polls the status lists may hold one: so long a killed token may live there. Followers of the
        /// feed hear of it at once.
        status_ttl: Span = Span::secs(30),
    }
}

section! {
    /// Signing keys.
    Keys = "keys" {
        /// What the issuer's own API and new APIs sign with: ES256, EdDSA, ES384, PS256, RS256, HS256, HS384 or HS512.
        algorithm: Algorithm = Algorithm::Es256,
        /// How long a key signs before its successor takes over.
        rotation: Span = Span::days(30),
        /// What JWKS advertises as `max-age`. A new key is served for at least this long before it signs.
        jwks_max_age: Span = Span::minutes(5),
        /// What a new key needs beside that time before it signs: `evidence` (it was seen through the public URL, and every
        /// verifier that reports has it) or `time` (nothing; for a server that cannot reach its own public URL).
        gate: KeyGate = KeyGate::Evidence,
    }
}

section! {
    /// Applications and services that ask for tokens.
    Clients = "clients" {
        /// Whether documents that clients publish (`jwks_uri`) may be fetched from private and loopback addresses, and from this
        /// machine without TLS. Who may register clients can then make this server call what only it can reach.
        private_addresses: bool = false,
    }
}

section! {
    /// Password hashing: Argon2id on threads of its own, so that a flood of logins is refused while all else stays fast.
    Passwords = "passwords" {
        /// Memory of one hash in KiB.
        memory: u32 = 19 * 1024,
        /// Passes over that memory.
        passes: u32 = 2,
        /// Threads that hash; `0` means one for each core.
        threads: u32 = 0,
        /// Passwords that may wait; more are refused with 503.
        queue: u32 = 64,
        /// How long one may wait before it is refused.
        wait: Span = Span::secs(3),
    }
}

section! {
    /// Rate limits. They count failures: a person who logs in correctly is never locked out by them.
    Limits = "limits" {
        /// Failed logins of one account that are forgiven at once.
        account_burst: u32 = 10,
        /// One more is forgiven after each of these.
        account_interval: Span = Span::minutes(1),
        /// Failures of one address (IPv6: of one /64) that are forgiven at once.
        address_burst: u32 = 60,
        /// One more is forgiven after each of these.
        address_interval: Span = Span::secs(5),
        /// Letters to one account, and at the request of one address, that are sent at once.
        letter_burst: u32 = 3,
        /// One more is sent after each of these.
        letter_interval: Span = Span::minutes(10),
        /// Verifiers that may follow the feed of one node at once; more are refused with 503. Each holds a connection: raise
        /// `listen.max_connections_per_network` if they come from one address.
        followers: u32 = 5000,
    }
}

section! {
    /// Clients that register themselves (RFC 7591). People are asked for their consent to each.
    Registration = "registration" {
        /// `off`, `token` (whoever has a token of `keywright client invite`) or `open` (anybody).
        mode: RegistrationMode = RegistrationMode::Off,
        /// Whether a client may be named by the https address of its metadata, which are fetched from there
        /// (draft-ietf-oauth-client-id-metadata-document). Such clients register nothing, and keep no secret.
        metadata_documents: bool = false,
        /// Per API, the scopes that such a client may ask for at most, such as `{ "https://api.example.org" = "read:orders" }`.
        scopes: BTreeMap<Audience, ScopeSet> = BTreeMap::new(),
        /// The types of authorization details (RFC 9396) that such a client may ask for at most.
        authorization_details_types: Vec<DetailTypeName> = Vec::new(),
        /// A client without a living session for this long is deleted.
        unused: Span = Span::days(90),
        /// Clients that one address may register or name by document at once, where anybody may.
        burst: u32 = 20,
        /// One more after each of these.
        interval: Span = Span::minutes(1),
    }
}

section! {
    /// Letters to people.
    Mail = "mail" {
        /// `none` (letters wait in the outbox), `folder` (each becomes an .eml file) or `smtp`.
        transport: Transport = Transport::None,
        /// The sender, such as `Example <accounts@example.org>`.
        from: String = "Keywright <keywright@localhost>".to_owned(),
        /// For `folder`: where the files go.
        folder: Option<PathBuf> = None,
        /// For `smtp`: the server's name.
        host: Option<String> = None,
        /// For `smtp`: the port; by default 465 for `tls`, 587 for `starttls`, 25 for `plain`.
        port: Option<u16> = None,
        /// For `smtp`: `tls`, `starttls` or `plain` (to loopback only).
        security: MailSecurity = MailSecurity::Starttls,
        /// For `smtp`: the account at the server.
        username: Option<String> = None,
        /// For `smtp`: a reference to its password.
        password: Option<SecretRef> = None,
    }
}

section! {
    /// Pages of your application that letters lead to. The one-time token follows behind `#token=`, which browsers send to
    /// nobody; without a page, the letter shows the token alone.
    Links = "links" {
        /// Takes the token to `POST /v1/email/verify`.
        verify_email: Option<String> = None,
        /// Asks for a new password and takes it with the token to `POST /v1/password/reset`.
        reset_password: Option<String> = None,
    }
}

section! {
    /// Somebody to tell of anomalies at once: stolen refresh tokens, refreshes unlike the last use, refusals that rise sharply at a
    /// verifier. Signed by the Standard Webhooks convention, and tried again for a day.
    Webhooks = "webhooks" {
        /// Where notices are posted to: `https`, or plain on loopback. Redirects are not followed.
        url: Option<String> = None,
        /// A reference to the secret that signs them: 24 to 64 random bytes in base64, with or without `whsec_` before them.
        secret: Option<SecretRef> = None,
    }
}

section! {
    /// What the process writes to standard error.
    Log = "log" {
        /// `text` or `json`.
        format: LogFormat = LogFormat::Text,
        /// A level, or directives such as `info,keywright_http=debug`.
        level: String = "info".to_owned(),
    }
}

section! {
    /// Prometheus.
    Metrics = "metrics" {
        /// Whether `/metrics` is answered.
        enabled: bool = true,
        /// Where `/metrics` is answered instead of `listen.address`, such as `127.0.0.1:9464`.
        address: Option<SocketAddr> = None,
    }
}

section! {
    /// The demo API that `quickstart` starts: it shows a service that verifies tokens on its own.
    Demo = "demo" {
        /// Where it listens. It starts only if this is set.
        address: Option<SocketAddr> = None,
        /// The audience that it accepts.
        audience: Option<Audience> = None,
        /// The client as which it follows the feed, with the grant `feed`. Without one it learns of killed tokens by polling.
        client: Option<String> = None,
        /// That client's secret.
        secret: Option<SecretRef> = None,
    }
}

section! {
    /// Another system whose tokens open sessions here, one table for each. People that are logged in at the system which Keywright takes the
    /// place of stay so (RFC 8693), and a system that vouches for people sends them on (RFC 7523). Its keys are given in one of three ways.
    TrustedIssuer = "trusted_issuers" {
        /// Its `iss`, to the letter. Required.
        issuer: String = String::new(),
        /// What `aud` of its tokens must name; unless set, they must have none. An assertion (RFC 7523) names this issuer instead.
        audience: Option<String> = None,
        /// The one algorithm that its keys sign with.
        algorithm: Algorithm = Algorithm::Rs256,
        /// A file with its public keys, a JWK set.
        jwks: Option<PathBuf> = None,
        /// The address of its JWK set.
        jwks_uri: Option<String> = None,
        /// The key that both sides keep, for HS256, HS384 and HS512.
        secret: Option<SecretRef> = None,
        /// How it is written there: `text`, or `base64` with or without padding.
        secret_encoding: SecretEncoding = SecretEncoding::Text,
        /// The claim that names the person.
        claim: String = "email".to_owned(),
        /// What it names them by: `email` (proved here as well), `username` or `id`, the id of the account here.
        names: Names = Names::Email,
        /// The clients that may bring its tokens.
        clients: BTreeSet<ClientId> = BTreeSet::new(),
    }
}
