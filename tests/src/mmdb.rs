//! A database of addresses in the MaxMind format, as small as it can be: networks of 24 bits, each with a country and a position.
//!
//! The format is <https://maxmind.github.io/MaxMind-DB/>: a binary tree over the bits of an address, 16 zero bytes, the data, a
//! marker and the metadata.

/// The first three bytes, the country, latitude and longitude.
pub type Network = ([u8; 3], &'static str, (f64, f64));

/// No record points anywhere yet.
const EMPTY: u32 = u32::MAX;
/// A leaf, until the number of nodes is known.
const DATA: u32 = 1 << 31;

pub fn database(networks: &[Network]) -> Vec<u8> {
    let (mut nodes, mut data) = (vec![[EMPTY; 2]], Vec::new());
    for (prefix, country, (latitude, longitude)) in networks {
        let offset = u32::try_from(data.len()).unwrap();
        insert(&mut nodes, *prefix, DATA | offset);
        map(&mut data, 2);
        text(&mut data, "country");
        map(&mut data, 1);
        text(&mut data, "iso_code");
        text(&mut data, country);
        text(&mut data, "location");
        map(&mut data, 3);
        for (name, degrees) in [("latitude", latitude), ("longitude", longitude)] {
            text(&mut data, name);
            data.push(3 << 5 | 8);
            data.extend(degrees.to_be_bytes());
        }
        text(&mut data, "accuracy_radius");
        number(&mut data, 5, 10);
    }
    let count = u32::try_from(nodes.len()).unwrap();
    let mut file = Vec::new();
    for record in nodes.into_iter().flatten() {
        let value = match record {
            EMPTY => count,
            leaf if leaf & DATA != 0 => (leaf & !DATA) + count + 16,
            node => node,
        };
        file.extend(&value.to_be_bytes()[1..]);
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    metadata(&mut file, count);
    file
}

fn insert(nodes: &mut Vec<[u32; 2]>, prefix: [u8; 3], leaf: u32) {
    let bits = (0..24).map(|bit| usize::from(prefix[bit / 8] >> (7 - bit % 8) & 1));
    let mut node = 0;
    for (depth, bit) in bits.enumerate() {
        if depth == 23 {
            nodes[node][bit] = leaf;
        } else {
            if nodes[node][bit] == EMPTY {
                nodes[node][bit] = u32::try_from(nodes.len()).unwrap();
                nodes.push([EMPTY; 2]);
            }
            node = nodes[node][bit] as usize;
        }
    }
}

fn metadata(file: &mut Vec<u8>, nodes: u32) {
    map(file, 9);
    for (name, kind, value) in [
        ("node_count", 6, nodes),
        ("record_size", 5, 24),
        ("ip_version", 5, 4),
        ("binary_format_major_version", 5, 2),
        ("binary_format_minor_version", 5, 0),
    ] {
        text(file, name);
        number(file, kind, value);
    }
    text(file, "build_epoch");
    // An integer of 64 bits is an extended type, and so is an array: the kind less 7 follows.
    file.extend([4, 9 - 7, 0, 0, 0, 1]);
    text(file, "database_type");
    text(file, "Test-City");
    text(file, "languages");
    file.extend([0, 11 - 7]);
    text(file, "description");
    map(file, 0);
}

fn map(out: &mut Vec<u8>, members: u8) {
    out.push(7 << 5 | members);
}

fn text(out: &mut Vec<u8>, text: &str) {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 29, "longer texts are written otherwise: {text}");
    out.push(2 << 5 | length);
    out.extend(text.as_bytes());
}

fn number(out: &mut Vec<u8>, kind: u8, value: u32) {
    let bytes = value.to_be_bytes();
    let bytes = if kind == 5 { &bytes[2..] } else { &bytes[..] };
    out.push(kind << 5 | u8::try_from(bytes.len()).unwrap());
    out.extend(bytes);
}
