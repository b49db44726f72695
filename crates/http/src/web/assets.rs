//! What pages load: one stylesheet. Its name changes with its content, so caches may keep it for ever.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::extract::PathParam;
use crate::problem::Problem;
use crate::reason::Reason;

static STYLE: Asset = Asset {
    stem: "style",
    extension: "css",
    media_type: "text/css; charset=utf-8",
    content: include_str!("../../assets/style.css"),
};

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| STYLE.name());

struct Asset {
    stem: &'static str,
    extension: &'static str,
    media_type: &'static str,
    content: &'static str,
}

impl Asset {
    /// `style-1a2b3c4d5e6f7081.css`
    fn name(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.content.as_bytes());
        let hash: String = hash.as_ref()[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{}-{hash}.{}", self.stem, self.extension)
    }
}

/// The file name of the stylesheet.
pub fn stylesheet() -> &'static str {
    &STYLE_NAME
}

pub async fn serve_asset(PathParam(name): PathParam<String>) -> Result<Response, Problem> {
    if name != *STYLE_NAME {
        return Err(Problem::new(Reason::NotFound));
    }
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(STYLE.media_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    Ok((headers, STYLE.content).into_response())
}
