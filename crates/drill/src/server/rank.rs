//! Whether two series of timings differ: the rank test of Mann and Whitney. A mean would be moved by one slow answer.

/// The standard score of the first series' ranks, by the normal approximation: beyond ±3.3 one in a thousand is chance.
pub fn score(one: &[u128], other: &[u128]) -> f64 {
    let above: f64 = one
        .iter()
        .flat_map(|a| other.iter().map(move |b| (a, b)))
        .map(|(a, b)| match a.cmp(b) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    let (n, m) = (count(one), count(other));
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    if deviation == 0.0 {
        0.0
    } else {
        (above - n * m / 2.0) / deviation
    }
}

pub fn median(series: &[u128]) -> u128 {
    let mut sorted = series.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn count(series: &[u128]) -> f64 {
    // A few dozen samples.
    u32::try_from(series.len()).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_that_do_not_overlap_score_high_and_equal_ones_zero() {
        let low: Vec<u128> = (0..8).collect();
        let high: Vec<u128> = (100..108).collect();
        assert!(score(&low, &high) < -3.3 && score(&high, &low) > 3.3);
        assert_eq!(score(&low, &low), 0.0);
        assert_eq!(score(&[], &[]), 0.0);
    }

    #[test]
    fn one_slow_answer_moves_nothing() {
        let calm = [10, 11, 12, 13, 14, 15, 16, 17];
        let with_outlier = [10, 11, 12, 13, 14, 15, 16, 9_000];
        assert!(score(&with_outlier, &calm).abs() < 1.0);
        assert_eq!(median(&with_outlier), 14);
    }
}
