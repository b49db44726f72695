//! What to try next. Every line can be pasted into a shell that has curl and jq, alone in its order or all at once.
//! No secret is printed: the commands read them from `quickstart.json`.

use super::{Directory, Manifest};

pub fn story(directory: &Directory, manifest: &Manifest) -> String {
    STORY
        .replace("{issuer}", &manifest.issuer)
        .replace("{api}", &manifest.demo_api.url)
        .replace(
            "{file}",
            &quoted(&directory.manifest_file().display().to_string()),
        )
        .replace("{mail}", &quoted(&directory.mail().display().to_string()))
}

/// One word for the shell, whatever the path holds.
fn quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', r"'\''"))
}

const STORY: &str = r##"
# Keywright serves {issuer}; a demo API that verifies its tokens serves {api}.
# Paste what follows into another terminal (it needs curl and jq). Ctrl-C here stops both.

FILE={file}
post() { curl -sS -H 'Content-Type: application/json' "$@"; }

# 1. Log in as the user of quickstart.json.
TOKENS=$(jq '.user | {username, password}' "$FILE" | post -d @- {issuer}/v1/login)
ACCESS=$(jq -r .access_token <<< "$TOKENS"); REFRESH=$(jq -r .refresh_token <<< "$TOKENS")
jq '{expires_in, scope, session_id}' <<< "$TOKENS"

# 2. Call the demo API. It checks the token by itself: no call to Keywright. Writing is not granted to this user: 403.
curl -sS -H "Authorization: Bearer $ACCESS" {api}/orders | jq .
post -i -H "Authorization: Bearer $ACCESS" -d '{"item":"tea"}' {api}/orders

# 3. Refresh: a new access token and a new refresh token; the old one is spent.
TOKENS=$(jq -n --arg t "$REFRESH" '{refresh_token: $t}' | post -d @- {issuer}/v1/refresh)
ACCESS=$(jq -r .access_token <<< "$TOKENS"); REFRESH=$(jq -r .refresh_token <<< "$TOKENS")
curl -sS -H "Authorization: Bearer $ACCESS" {issuer}/v1/me | jq .

# 4. Log out. The session's refresh token is refused: 401. So is its access token, which has not expired: Keywright told the
#    demo API over its feed, a moment later.
curl -sS -i -X POST -H "Authorization: Bearer $ACCESS" {issuer}/v1/logout
sleep 1; curl -sS -i -H "Authorization: Bearer $ACCESS" {api}/orders
jq -n --arg t "$REFRESH" '{refresh_token: $t}' | post -i -d @- {issuer}/v1/refresh

# 5. A service gets a token for itself.
SERVICE=$(curl -sS -u "$(jq -r '.client | "\(.client_id):\(.client_secret)"' "$FILE")" -d grant_type=client_credentials {issuer}/oauth2/token | jq -r .access_token)
curl -sS -H "Authorization: Bearer $SERVICE" {api}/orders | jq .

# 6. Register somebody. The letter with the one-time token lands in a folder.
post -i -d '{"email":"ann@example.org","username":"ann","password":"seven otters juggle lamps"}' {issuer}/v1/register
sleep 2; LINK=$(cat {mail}/*verify_email.eml | grep -o 'kwl_[A-Za-z0-9_-]*' | tail -n 1)
jq -n --arg t "$LINK" '{token: $t}' | post -i -d @- {issuer}/v1/email/verify

# 7. Administer: in a browser at {issuer}/admin, as the admin of quickstart.json; or with the admin's token for Keywright's own API.
ADMIN=$(jq '{username: .admin.username, password: .admin.password, audience: .issuer}' "$FILE" | post -d @- {issuer}/v1/login | jq -r .access_token)
curl -sS -H "Authorization: Bearer $ADMIN" {issuer}/admin/v1/keys | jq .
"##;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word_in_the_shell() {
        assert_eq!(quoted("/tmp/a b"), "'/tmp/a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
