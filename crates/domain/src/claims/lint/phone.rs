//! Telephone numbers as they are written without a name that says so.

/// E.164 with its plus, or groups that only telephone numbers have: `(415) 555-0132`, `415-555-0132`.
pub fn is_phone(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !(8..=15).contains(&digits)
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+ ()-./".contains(&byte))
    {
        return false;
    }
    match text.as_bytes() {
        // A country code does not begin with zero.
        [b'+', first, ..] => *first != b'0' && !text.contains("--"),
        [b'(', ..] => text.contains(')'),
        bytes => is_american(bytes),
    }
}

fn is_american(text: &[u8]) -> bool {
    text.len() == 12
        && (0..12).zip(text).all(|(at, byte): (usize, _)| {
            if matches!(at, 3 | 7) {
                *byte == text[3] && b"-.".contains(byte)
            } else {
                byte.is_ascii_digit()
            }
        })
        && text[0] > b'1'
        && text[4] > b'1'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_known_by_their_form() {
        for text in [
            "+4915112345678",
            "+33 6 12 34 56 78",
            "tel:+1-415-555-0132",
            "(415) 555-0132",
            "415.555.0132",
        ] {
            assert!(is_phone(text), "{text}");
        }
        for text in [
            "+0123456789",
            "4155550132",
            "2024-11-30",
            "1.24.3",
            "+12",
            "+1.5",
            "100-000-0000",
            "(12)",
        ] {
            assert!(!is_phone(text), "{text}");
        }
    }
}
