use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

const URL: &str = "https://id.example.org";

fn resolve(line: &[&str], variables: &[(&str, &str)]) -> Result<Elsewhere> {
    let line = ["keywright"].iter().chain(line);
    Line::parse_from(line)
        .arguments
        .resolve(false, &environment(variables))
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter();
    variables
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect()
}

fn refused(line: &[&str]) -> String {
    format!("{:#}", resolve(line, &[]).unwrap_err())
}

#[test]
fn without_an_address_the_server_is_here() {
    let here = resolve(&[], &[("KEYWRIGHT_CLIENT_ID", "ops")]).unwrap();
    assert!(here.base.is_none() && here.refuse().is_ok());
    let misplaced = resolve(&["--login", "ann"], &[]).unwrap().refuse();
    assert!(misplaced.unwrap_err().to_string().contains("--url"));

    let environment = environment(&[("KEYWRIGHT_URL", URL)]);
    let with_config = |line: &[&str]| {
        let arguments = Line::parse_from(["keywright"].iter().chain(line)).arguments;
        arguments.resolve(true, &environment)
    };
    assert!(
        with_config(&[]).unwrap().base.is_none(),
        "--config outweighs it"
    );
    assert!(with_config(&["--url", URL]).is_err());
}

#[test]
fn the_environment_gives_what_the_command_line_does_not() {
    let environment = environment(&[("OURS", "of the variable"), ("THEIRS", "of the line")]);
    let variables = [
        ("KEYWRIGHT_URL", "https://id.example.org/tenant/"),
        ("KEYWRIGHT_CLIENT_ID", "ops"),
        ("KEYWRIGHT_CLIENT_SECRET", "env:OURS"),
    ];
    let client = |line: &[&str]| {
        let there = resolve(line, &variables).unwrap();
        assert_eq!(
            there.base.as_ref().unwrap().to_string(),
            "https://id.example.org/tenant"
        );
        assert!(
            there
                .refuse()
                .unwrap_err()
                .to_string()
                .contains("own machine")
        );
        let (id, secret) = there.client(&environment).unwrap().unwrap();
        format!("{id}: {}", secret.expose())
    };
    assert_eq!(client(&[]), "ops: of the variable");
    let line = ["--client-id", "ci", "--client-secret", "env:THEIRS"];
    assert_eq!(client(&line), "ci: of the line");
}

#[test]
fn the_most_particular_credentials_count() {
    let environment = environment(&[("S", "secret")]);
    let kind = |line: &[&str]| {
        let there = resolve(&[&["--url", URL], line].concat(), &[]).unwrap();
        match there.credentials(&environment).unwrap() {
            None => "none",
            Some(Credentials::Token(_)) => "token",
            Some(Credentials::Applicant(Applicant::Person { .. })) => "person",
            Some(Credentials::Applicant(Applicant::Client { .. })) => "client",
        }
    };
    let client = ["--client-id", "ops", "--client-secret", "env:S"];
    let person = [&client[..], &["--login", "ann", "--password", "env:S"]].concat();
    let token = [&person[..], &["--token", "env:S"]].concat();
    let kinds = [kind(&[]), kind(&client), kind(&person), kind(&token)];
    assert_eq!(kinds, ["none", "client", "person", "token"]);
}

#[test]
fn half_credentials_are_refused() {
    for line in [
        ["--client-id", "ops"],
        ["--client-secret", "-"],
        ["--password", "-"],
    ] {
        let line = [&["--url", URL][..], &line].concat();
        assert!(resolve(&line, &[]).is_err(), "{line:?}");
    }
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
    let there = resolve(&["--url", URL, "--token", "hunter2"], &[]).unwrap();
    let refused = there.token(&Environment::default()).unwrap_err();
    let refused = format!("{refused:#}");
    assert!(
        refused.contains("the access token") && refused.contains("file:PATH"),
        "{refused}"
    );
    assert!(!format!("{there:?}").contains("hunter2") && !refused.contains("hunter2"));
}
