//! What a user agent says of itself, as far as that is worth anything.

/// Browsers name each other for compatibility; the most specific name is looked for first. Beside it, what people call it.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The browser without its version, so that an update changes nothing; of another program the name before the first `/`.
pub(super) fn family(user_agent: &str) -> &str {
    let known = BROWSERS.iter().find(|(mark, _)| user_agent.contains(mark));
    known.map_or_else(
        || {
            let is_safari = user_agent.starts_with("Mozilla/") && user_agent.contains("Safari/");
            let end = user_agent.find(['/', ' ']).unwrap_or(user_agent.len());
            if is_safari {
                "Safari"
            } else {
                &user_agent[..end]
            }
        },
        |(_, name)| name,
    )
}

/// The operating system, or nothing for a program that does not name one.
pub(super) fn system(user_agent: &str) -> Option<&'static str> {
    let known = SYSTEMS.iter().find(|(mark, _)| user_agent.contains(mark));
    known.map(|(_, name)| *name)
}

/// What a person would call it, such as `Firefox on Linux`.
pub fn device_name(user_agent: &str) -> String {
    match system(user_agent) {
        Some(system) => format!("{} on {system}", family(user_agent)),
        None => family(user_agent).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_as_people_name_them() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("", ""),
        ] {
            assert_eq!(device_name(user_agent), name);
        }
    }
}
