//! In a package of its own: these crates bring a hundred others, and nothing else shall wait for them.
#![expect(
    clippy::expect_used,
    reason = "a test fails by panicking, and so does its kit"
)]

use openidconnect::{HttpRequest, HttpResponse};

/// Sends what either crate asks for; both leave the HTTP client to whoever uses them. A redirect is never followed: whoever
/// could make a server answer with one would choose where the secrets go.
pub async fn send(
    http: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, reqwest::Error> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let request = http
        .request(parts.method, url)
        .headers(parts.headers)
        .body(body);
    let answer = request.send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = http::Response::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

pub fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.build().expect("a client")
}
