//! A browser without a screen: it keeps cookies, goes where 303 sends it, and sends the forms of the page that it is on.

use std::collections::BTreeMap;

use http::header::SET_COOKIE;
use http::{HeaderName, Method, StatusCode};
use serde_json::json;

use crate::{Actor, Answer, Call, TestIssuer, escaped, seed};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Somebody at the pages.
#[derive(Clone)]
pub struct Visitor {
    actor: Actor,
    cookies: BTreeMap<String, String>,
    /// The page that the browser shows.
    pub page: Option<Answer>,
}

impl TestIssuer {
    /// A browser that has never been here.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.anonymous())
    }

    /// A browser in which a seeded person has logged in.
    pub async fn visitor_named(&self, name: &str) -> Visitor {
        let mut visitor = self.visitor();
        visitor.log_in(name, seed::PASSWORD).await.is(200);
        visitor
    }

    /// A browser of somebody whose one role grants these scopes of the issuer's own API, and no others from then on.
    pub async fn visitor_granted(&self, scopes: &str) -> Visitor {
        let role = json!({ "description": "At the console", "grants": { seed::ISSUER: scopes } });
        let admin = self.admin_with("roles:write").await;
        admin.put("/admin/v1/roles/editor", &role).await.is(200);
        self.visitor_named("bob").await
    }
}

impl Visitor {
    pub fn new(actor: &Actor) -> Self {
        Self {
            actor: actor.clone(),
            cookies: BTreeMap::new(),
            page: None,
        }
    }

    /// Who sends its requests, with its cookies.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
        self.carry_cookies();
    }

    /// A request with this browser's cookies.
    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        self.actor.call(method, path)
    }

    /// Opens a page, wherever that leads on this server, and is on it from then on.
    pub async fn open(&mut self, path: &str) -> Answer {
        let answer = self.call(Method::GET, path).send().await;
        self.arrive(answer).await
    }

    /// Sends a form of the page that the browser is on, with the token that the page carries.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.sending(path, fields).send().await;
        self.arrive(answer).await
    }

    /// The same from the account page, which it goes to first.
    pub async fn submit_from_account(&mut self, path: &str) -> Answer {
        self.open("/account").await.is(200);
        self.submit(path, &[]).await
    }

    /// The request that [`submit`](Visitor::submit) makes.
    pub fn sending(&self, path: &str, fields: &[(&str, &str)]) -> Call<'_> {
        self.call(Method::POST, path)
            .header(SEC_FETCH_SITE, "same-origin")
            .form(&self.form(fields))
    }

    /// The body of a form of this page.
    pub fn form(&self, fields: &[(&str, &str)]) -> String {
        let token = self.token();
        let own = [("csrf", token.as_str())];
        let pairs: Vec<String> = own
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        pairs.join("&")
    }

    /// Opens the login page and logs in there.
    pub async fn log_in(&mut self, name: &str, password: &str) -> Answer {
        self.open("/login").await.is(200);
        self.type_in(name, password).await
    }

    /// Fills in the login page that the browser is on.
    pub async fn type_in(&mut self, name: &str, password: &str) -> Answer {
        let ticket = self.waiting_ticket();
        let mut fields = vec![("username", name), ("password", password)];
        fields.extend(ticket.as_deref().map(|ticket| ("ticket", ticket)));
        self.submit("/login", &fields).await
    }

    /// The token that the forms of the page carry.
    pub fn token(&self) -> String {
        let page = self.page.as_ref().expect("a page");
        attribute(page.text(), "name=\"csrf\" value=\"")
            .unwrap_or_else(|| panic!("no form: {page}"))
    }

    /// The request that waits for what this page asks.
    pub fn ticket(&self) -> String {
        self.waiting_ticket().expect("a page with a ticket")
    }

    fn waiting_ticket(&self) -> Option<String> {
        let page = self.page.as_ref().expect("a page");
        attribute(page.text(), "name=\"ticket\" value=\"")
    }

    /// Asserts that the account page opens.
    pub async fn is_in(&mut self) {
        let page = self.open("/account").await.is(200);
        assert!(page.text().contains("id=\"logout-form\""), "{page}");
    }

    /// Asserts that the account page leads to the login page.
    pub async fn is_out(&mut self) {
        let page = self.open("/account").await.is(200);
        assert!(page.text().contains("id=\"login-form\""), "{page}");
    }

    fn carry_cookies(&mut self) {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.actor = self.actor.with_cookies(pairs.join("; "));
    }

    async fn arrive(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..5 {
            self.keep_cookies(&answer);
            if answer.status != StatusCode::SEE_OTHER {
                self.page = Some(answer.clone());
                return answer;
            }
            let location = answer.header("location").expect("a location").to_owned();
            if !location.starts_with('/') {
                return answer;
            }
            answer = self.call(Method::GET, &location).send().await;
        }
        panic!("it goes round in circles: {answer}");
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for value in answer.headers.get_all(SET_COOKIE) {
            let text = value.to_str().expect("a cookie in ASCII");
            let (pair, attributes) = text.split_once("; ").expect("attributes");
            let (name, value) = pair.split_once('=').expect("a name and a value");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
                self.carry_cookies();
            } else {
                self.set_cookie(name, value);
            }
        }
    }
}

/// What stands behind `start` up to the next quote.
pub fn attribute(html: &str, start: &str) -> Option<String> {
    let (_, rest) = html.split_once(start)?;
    let (value, _) = rest.split_once('"')?;
    Some(value.to_owned())
}
