/// The y coordinates of the eight points of small order on edwards25519, in every encoding that decodes to them.
///
/// Under such a key one signature is valid for every message (RFC 8032 §5.1.7 leaves the check to us), so it proves
/// nothing about who signed.
const SMALL_ORDER: [[u8; 32]; 7] = [
    y(0x00, 0x00, 0x00),
    y(0x01, 0x00, 0x00),
    y(0xec, 0xff, 0x7f),
    y(0xed, 0xff, 0x7f),
    y(0xee, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// A little-endian number whose inner bytes are all alike.
const fn y(first: u8, inner: u8, last: u8) -> [u8; 32] {
    let mut bytes = [inner; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// Whether the point has small order, whatever its sign bit says.
pub(super) fn is_small_order(point: &[u8; 32]) -> bool {
    let mut unsigned = *point;
    unsigned[31] &= 0x7f;
    SMALL_ORDER.contains(&unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_order_eight_coordinates_are_negatives_of_each_other() {
        // Their sum is p = 2^255 - 19: no digit of the table is mistyped.
        let mut carry = 0;
        let mut sum = [0; 32];
        for (at, digit) in sum.iter_mut().enumerate() {
            let total = u16::from(SMALL_ORDER[5][at]) + u16::from(SMALL_ORDER[6][at]) + carry;
            *digit = (total & 0xff) as u8;
            carry = total >> 8;
        }
        assert_eq!(sum, y(0xed, 0xff, 0x7f));
    }

    #[test]
    fn the_sign_bit_hides_nothing() {
        for mut point in SMALL_ORDER {
            assert!(is_small_order(&point));
            point[31] |= 0x80;
            assert!(is_small_order(&point));
            point[7] ^= 1;
            assert!(!is_small_order(&point));
        }
    }
}
