use std::process::Command;

use keywright_tests::Binary;

/// Pastes the whole story into one shell, as a reader does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pasted_story_works() {
    let binary = Binary::quickstart(&[]).await;
    let story = binary.stdout();
    assert!(story.contains("/v1/login"), "a story is printed: {story}");
    let mut shell = Command::new("bash");
    shell
        .args(["-c", &story])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin");
    let output = shell.output().expect("bash, curl and jq");
    let (told, errors) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "", "no command complains");

    let mut rest = told.as_str();
    for expected in [
        "\"scope\": \"read:orders\"",         // 1. the login
        "\"orders\": [",                      // 2. the demo API lists
        "403 Forbidden",                      //    and lets a viewer write nothing
        "\"username\": \"user\"",             // 3. the refreshed token is good
        "204 No Content",                     // 4. the logout,
        "the token has been revoked",         //    of which the demo API knows,
        "401 Unauthorized",                   //    and the refused refresh
        "\"scopes\": [\n    \"read:orders\"", // 5. the service reads orders
        "201 Created",                        // 6. the registration
        "204 No Content",                     //    and its proof
        "\"state\": \"active\"",              // 7. the administrator sees the keys
    ] {
        let at = rest.find(expected);
        let at = at.unwrap_or_else(|| panic!("{expected} does not follow in {rest}\nof {told}"));
        rest = &rest[at + expected.len()..];
    }
    assert!(
        !told.lines().any(|line| line == "null"),
        "no jq found nothing: {told}"
    );
}
