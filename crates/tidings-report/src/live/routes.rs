//! Which request gets which answer.
//!
//! There is no password: whoever can connect may read. What keeps the pages of others out is
//! checked here, for every request: the name it calls this server by, and where a browser says
//! that it comes from.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{Either, Full};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST,
    HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode};

use crate::page::Page;

use super::address::Listen;
use super::events::Events;
use super::hub::Hub;

/// A whole body, or a stream of events.
pub(super) type Answer = Response<Either<Full<Bytes>, Events>>;

/// Beside what the page says of itself, and no browser takes from a page.
const PAGE_POLICY: &str =
    "frame-ancestors 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/// For what is no page.
const OTHER_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What answers requests.
#[derive(Debug)]
pub(super) struct Routes {
    pub(super) hub: Arc<Hub>,
    pub(super) listen: Listen,
    pub(super) keep_alive: Duration,
}

impl Routes {
    /// The answer to a request.
    pub(super) fn answer(&self, request: &Request<Incoming>) -> Answer {
        let mut answer = self.checked(request).unwrap_or_else(|| self.routed(request));
        let headers = answer.headers_mut();
        let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == HTML);
        for (name, value) in [
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, if is_page { PAGE_POLICY } else { OTHER_POLICY }),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        answer
    }

    /// The answer to a request that is refused, whatever it asks for.
    fn checked(&self, request: &Request<Incoming>) -> Option<Answer> {
        if !self.is_own_name(request) {
            let listen = &self.listen;
            let text = format!(
                "this page is called by an IP address, by `localhost`, or by the name that it \
                 listens on, which is `{}`\n",
                listen.host()
            );
            return Some(refused(StatusCode::FORBIDDEN, text));
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let mut answer = refused(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return Some(answer);
        }
        if !request.body().is_end_stream() {
            let text = "a request has no body here\n";
            return Some(refused(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        None
    }

    fn is_own_name(&self, request: &Request<Incoming>) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let said = request.uri().authority().map(Authority::as_str);
        let is_own = |host: &str| self.listen.answers_to(host);
        host.to_str().is_ok_and(is_own) && said.is_none_or(is_own)
    }

    fn routed(&self, request: &Request<Incoming>) -> Answer {
        match request.uri().path() {
            "/" => whole(StatusCode::OK, HTML, Page::live_html()),
            "/report.html" => {
                let mut answer = whole(StatusCode::OK, HTML, Page::html(&self.hub.model()));
                let name = HeaderValue::from_static("attachment; filename=\"report.html\"");
                answer.headers_mut().insert(CONTENT_DISPOSITION, name);
                answer
            }
            "/summary.json" | "/events" if is_foreign(request.headers()) => {
                refused(StatusCode::FORBIDDEN, "this is for the page of this server alone\n")
            }
            "/summary.json" => {
                let json = serde_json::to_vec(&self.hub.summary());
                let json = json.expect("numbers and names of statuses have a JSON form");
                whole(StatusCode::OK, "application/json", json)
            }
            "/events" => self.events(request),
            _ => refused(StatusCode::NOT_FOUND, "there is nothing here: the page is at /\n"),
        }
    }

    fn events(&self, request: &Request<Incoming>) -> Answer {
        let kind = "text/event-stream";
        if request.method() == Method::HEAD {
            return whole(StatusCode::OK, kind, "");
        }
        let last_id = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
        let events = Events::new(Arc::clone(&self.hub), self.keep_alive, last_id);
        let mut answer = Response::new(Either::Right(events));
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        answer
    }
}

/// The answer to any request when there are too many connections.
pub(super) fn overloaded() -> Answer {
    let text = "too many pages are open: close one, and load this again\n";
    refused(StatusCode::SERVICE_UNAVAILABLE, text)
}

/// Whether a browser says that the page of another origin asks.
fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    site.is_some_and(|site| site != b"same-origin" && site != b"none")
}

fn refused(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    whole(status, TEXT, text)
}

fn whole(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Either::Left(Full::new(body.into())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
