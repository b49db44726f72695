use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

const URL: &str = "https://id.example.org";

fn resolve(line: &[&str], variables: &[(&str, &str)]) -> Result<Option<Elsewhere>> {
    let line = ["keywright"].iter().chain(line);
    let variables = variables
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    let arguments = Line::parse_from(line).arguments;
    arguments.resolve(false, &variables.collect())
}

fn refused(line: &[&str]) -> String {
    format!("{:#}", resolve(line, &[]).unwrap_err())
}

#[test]
fn without_an_address_the_server_is_here() {
    assert!(
        resolve(&[], &[("KEYWRIGHT_CLIENT_ID", "ops")])
            .unwrap()
            .is_none()
    );
    assert!(refused(&["--client-id", "ops"]).contains("--url"));
    let here = Line::parse_from(["keywright"]).arguments;
    let environment = [("KEYWRIGHT_URL".to_owned(), URL.to_owned())]
        .into_iter()
        .collect();
    assert!(
        here.resolve(true, &environment).unwrap().is_none(),
        "--config outweighs it"
    );
    let both = Line::parse_from(["keywright", "--url", URL]).arguments;
    assert!(both.resolve(true, &environment).is_err());
}

#[test]
fn the_environment_gives_what_the_command_line_does_not() {
    let variables = [
        ("KEYWRIGHT_URL", "https://id.example.org/tenant/"),
        ("KEYWRIGHT_CLIENT_ID", "ops"),
        ("KEYWRIGHT_CLIENT_SECRET", "file:secret"),
    ];
    let there = resolve(&[], &variables).unwrap().unwrap();
    assert_eq!(there.base.to_string(), "https://id.example.org/tenant");
    let file = Reference::parse("file:secret");
    assert!(
        matches!(there.credentials, Some(Given::Client { id, secret }) if id == "ops" && secret == file)
    );
    let there = resolve(&["--login", "ann"], &variables).unwrap().unwrap();
    assert!(matches!(
        there.credentials,
        Some(Given::Person {
            password: Reference::Input,
            ..
        })
    ));
}

#[test]
fn credentials_are_complete_and_of_one_kind() {
    for line in [
        &["--client-id", "ops"][..],
        &["--client-secret", "-"],
        &["--password", "-"],
        &[
            "--client-id",
            "ops",
            "--client-secret",
            "-",
            "--login",
            "ann",
        ],
        &["--token", "-", "--login", "ann"],
    ] {
        let line = [&["--url", URL], line].concat();
        assert!(resolve(&line, &[]).is_err(), "{line:?}");
    }
    let there = resolve(&["--url", URL], &[]).unwrap().unwrap();
    assert!(there.credentials.is_none(), "what is public needs none");
}

#[test]
fn plain_http_and_passwords_in_addresses_are_refused() {
    for url in [
        "http://localhost:1",
        "http://127.0.0.9",
        "http://[::1]:8080/",
        URL,
    ] {
        assert!(resolve(&["--url", url], &[]).is_ok(), "{url}");
    }
    for url in [
        "http://id.example.org",
        "http://127.0.0.1.example.org",
        "ftp://localhost",
        "id.example.org",
        "https://id.example.org/?a=hunter2",
        "https://ann:hunter2@id.example.org",
    ] {
        let said = refused(&["--url", url]);
        assert!(
            said.contains("--url") && !said.contains("hunter2"),
            "{said}"
        );
    }
}

#[test]
fn a_literal_secret_is_refused_and_not_repeated() {
    let there = resolve(&["--url", URL, "--token", "hunter2"], &[])
        .unwrap()
        .unwrap();
    let shown = format!("{there:?}");
    let refused = there.credentials.unwrap().read(&Environment::default());
    let refused = format!("{:#}", refused.err().unwrap());
    assert!(
        refused.contains("the access token") && refused.contains("file:PATH"),
        "{refused}"
    );
    assert!(!shown.contains("hunter2") && !refused.contains("hunter2"));
}
