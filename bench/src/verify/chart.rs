//! The figures as bars.

use std::fmt::Write as _;

use super::Table;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 230.0;
const BAR: f64 = 14.0;
const HEADING: f64 = 30.0;

/// Bars end here; what is longer says so in its label.
const LONGEST: f64 = 3.0;

/// An SVG with one group of bars per algorithm: the ratio to the bare signature check.
pub fn draw(tables: &[Table]) -> String {
    let mut body = String::new();
    let mut y = 44.0;
    for table in tables {
        let _ = writeln!(
            body,
            r#"<text x="16" y="{y}" class="a">{}, goal {:.2}</text>"#,
            table.algorithm, table.goal
        );
        y += 8.0;
        for figure in &table.figures {
            let length = figure.ratio.min(LONGEST) / LONGEST * (WIDTH - LEFT - 70.0);
            let class = if figure.is_ours() { "ours" } else { "peer" };
            let baseline = y + BAR - 3.0;
            let _ = writeln!(
                body,
                r#"<text x="{:.0}" y="{baseline:.0}" class="n">{}</text><rect x="{LEFT:.0}" y="{y:.0}" width="{length:.1}" height="{BAR:.0}" class="{class}"/><text x="{:.1}" y="{baseline:.0}">{:.2}</text>"#,
                LEFT - 8.0,
                figure.name,
                LEFT + length + 6.0,
                figure.ratio
            );
            y += BAR + 4.0;
        }
        y += HEADING;
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:.0}" height="{y:.0}" viewBox="0 0 {WIDTH:.0} {y:.0}">
<title>Time of a whole verification, the bare signature check being 1</title>
<style>text{{font:12px sans-serif;fill:#24292f}}.a{{font-weight:bold}}.n{{text-anchor:end}}.ours{{fill:#1f6feb}}.peer{{fill:#afb8c1}}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="16" y="20">Time of a whole verification, the bare signature check being 1 (shorter is better)</text>
{body}</svg>
"##
    )
}
