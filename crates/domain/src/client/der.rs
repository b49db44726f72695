//! As much of DER (X.690 §10) as certificates are written in: tags of one byte, definite lengths in their shortest form.

/// What is not read yet.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(pub &'a [u8]);

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

impl<'a> Der<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tag and content of the next element. `None`: there is none, or it is malformed.
    pub fn next(&mut self) -> Option<(u8, &'a [u8])> {
        const LONG_TAG: u8 = 0x1f;
        let (&tag, rest) = self.0.split_first()?;
        if tag & LONG_TAG == LONG_TAG {
            return None;
        }
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next element, which must have this tag.
    pub fn take(&mut self, expected: u8) -> Option<&'a [u8]> {
        let (tag, content) = self.next()?;
        (tag == expected).then_some(content)
    }

    /// An element that may be left out.
    pub fn take_optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.0.first() == Some(&tag) {
            self.take(tag).map(Some)
        } else {
            Some(None)
        }
    }

    /// Each element, all of this tag.
    pub fn all(mut self, tag: u8) -> Option<Vec<&'a [u8]>> {
        let mut elements = Vec::new();
        while !self.is_empty() {
            elements.push(self.take(tag)?);
        }
        Some(elements)
    }
}

/// Two bytes say more than a header can hold.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [short @ 0..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, long @ 0x80..=0xff, rest @ ..] => Some((usize::from(*long), rest)),
        [0x82, high @ 1..=0xff, low, rest @ ..] => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        [..] => None,
    }
}

/// `2.5.4.3`. Arcs of more than 63 bits are nobody's.
pub(super) fn dotted(oid: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc: u64 = 0;
    for byte in oid {
        arc = arc.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let (first, rest) = arcs.split_first()?;
    if oid.last().is_none_or(|last| last & 0x80 != 0) {
        return None;
    }
    // X.690 §8.19.4: the first two arcs share a number.
    let root = (first / 40).min(2);
    let mut text = format!("{root}.{}", first - root * 40);
    for arc in rest {
        text.push_str(&format!(".{arc}"));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_has_one_encoding() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        let longer = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        for (bytes, length) in [
            (&[0x04, 0x00][..], Some(0)),
            (&[0x04, 0x01, 7], Some(1)),
            (&long, Some(128)),
            (&longer, Some(256)),
            (&[0x04, 0x81, 0x01, 7], None),
            (&[0x04, 0x82, 0x00, 0x01, 7], None),
            (&[0x04, 0x80, 7, 0, 0], None),
            (&[0x04, 0x83, 0, 0, 1, 7], None),
            (&[0x04, 0x02, 7], None),
            (&[0x04], None),
            (&[0x1f, 0x01, 7], None),
            (&[], None),
        ] {
            let read = Der(bytes).take(OCTET_STRING).map(<[u8]>::len);
            assert_eq!(read, length, "{bytes:?}");
        }
        assert_eq!(Der(&[0x04, 0x00]).take(INTEGER), None);
    }

    #[test]
    fn object_identifiers_are_written_with_dots() {
        for (oid, text) in [
            (&[0x55, 0x04, 0x03][..], Some("2.5.4.3")),
            (&[0x2b, 0x65, 0x70], Some("1.3.101.112")),
            (
                &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
                Some("1.2.840.10045.3.1.7"),
            ),
            (
                &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19],
                Some("0.9.2342.19200300.100.1.25"),
            ),
            (&[0x88, 0x37], Some("2.999")),
            (&[0x55, 0x84], None),
            (&[0xff; 12], None),
            (&[], None),
        ] {
            assert_eq!(dotted(oid).as_deref(), text, "{oid:?}");
        }
    }
}
