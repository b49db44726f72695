//! Names of persons: by their look where the claim speaks of somebody, by known given names elsewhere.

use std::sync::LazyLock;

use serde_json::{Map, Value};

/// Given names that are seldom anything else; those that are also words or places (`April`, `Madison`) are left out.
const GIVEN: &str = "aaron abdul adam adrian agnes ahmed aisha alan albert aleksandr alessandro alex alexander alexandra alexei alfred alice \
     ali alina alison amelie amir amy ana anastasia anders andrea andreas andrei andrew andrzej angela anja ann anna anne annette anthony \
     antoine anton antonio arjun arthur astrid barbara beatrice ben benjamin bernd bernard bernhard betty birgit bjorn bob brian brigitte bruno \
     camille carla carlos carmen carol caroline catherine cecilia charles chen chiara chloe christian christina christine christoph christopher claire \
     clara claudia claus cristina cynthia daniel daniela david deborah deepak dennis diana diego dieter dimitri dirk dmitri dominik donald \
     donna dorothy edward ekaterina elena elif elisabeth elizabeth ella emil emily emma emre enrique eric erik ernst esther eugene eva \
     evelyn fabian fatima felix fernando filip fiona florian francesca francesco francisco francois frank frans franz fred frederik friedrich \
     gabriel gary georg george gerard gerhard giovanni giulia giuseppe gregory grzegorz guillaume gunther gustav hannah hans harald harold \
     hassan heather heidi heinrich helen helena helga helmut henri henrik henry herbert hiroshi hugo ian ibrahim igor ines ingrid irene \
     irina isabel isabella isabelle ivan jack jacob jacques jakob jakub james jan jane janet jason javier jean jeffrey jennifer jens jeremy \
     jessica joan joao johan johann johanna johannes john jonas jonathan jorge jose josef joseph joshua juan juergen julia julian julie jurgen \
     justin karen karin karl katarzyna katharina katherine kathleen kathrin katja kelly kenji kenneth kevin klaus kristina krzysztof kyle lars \
     laura lauren laurent lea lena leon leonardo lina linda lisa louis louise luca lucas lucia ludwig luis luisa lukas magdalena malgorzata \
     manuel marc marco marcus marek margaret maria marie mario marion markus marta martha martin martina mary mateusz mathias matteo \
     matthew matthias maurice maximilian mehmet mei melissa michael michaela michal michel michele miguel mikael mikhail mohamed mohammed \
     monika monique muhammad mustafa nadia nancy natalia natalie nathalie nicholas nicolas nicole niklas nikolai nina noah oleg olga oliver \
     olivia oscar otto pablo pamela patricia patrick paul paula pauline pavel pedro peter petra philip philipp philippe pierre piotr priya \
     rachel rafael rahul ralf ralph ramon raymond rebecca renate rene ricardo richard robert roberto roger roland ronald rosa ruth ryan \
     sabine salvatore samantha samuel sandra sara sarah scott sean sebastian sergei sergio sharon silvia simone sofia sofie sophie stefan \
     stefanie stefano stephanie stephen steven sunita susan susanne svetlana sven sylvie takashi tatiana teresa thomas thorsten timothy \
     tobias tomasz ulrich ursula uwe valentina vanessa veronika victoria viktor vincent vladimir walter werner wilhelm william wojciech \
     wolfgang xavier yasmin yuki yusuf yves zeynep zofia";

/// Words that organisations, teams and things are called by, and persons are not.
const NOT_PERSONAL: &[&str] = &[
    "account",
    "admin",
    "administrator",
    "agency",
    "api",
    "app",
    "backend",
    "bank",
    "billing",
    "board",
    "bot",
    "center",
    "centre",
    "cloud",
    "club",
    "co",
    "community",
    "company",
    "console",
    "control",
    "corp",
    "corporation",
    "council",
    "customer",
    "data",
    "default",
    "department",
    "desk",
    "development",
    "digital",
    "edition",
    "engineering",
    "enterprise",
    "finance",
    "foundation",
    "frontend",
    "gateway",
    "gmbh",
    "group",
    "gruppe",
    "guest",
    "help",
    "holding",
    "hospital",
    "inc",
    "industries",
    "infrastructure",
    "institute",
    "internal",
    "kg",
    "lab",
    "labs",
    "legal",
    "limited",
    "llc",
    "logistik",
    "logistics",
    "ltd",
    "manager",
    "marketing",
    "media",
    "mobile",
    "network",
    "office",
    "online",
    "operations",
    "ops",
    "owner",
    "partners",
    "plan",
    "platform",
    "plus",
    "portal",
    "premium",
    "pro",
    "product",
    "production",
    "project",
    "public",
    "registry",
    "reporting",
    "robot",
    "runner",
    "sa",
    "sales",
    "scanner",
    "security",
    "server",
    "service",
    "services",
    "shop",
    "software",
    "solutions",
    "sons",
    "spa",
    "srl",
    "staging",
    "standard",
    "store",
    "studio",
    "support",
    "system",
    "systems",
    "team",
    "tech",
    "technologies",
    "technology",
    "terminal",
    "test",
    "tool",
    "tools",
    "trust",
    "university",
    "unit",
    "user",
    "warehouse",
    "web",
    "worker",
];

static GIVEN_NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names: Vec<_> = GIVEN.split_ascii_whitespace().collect();
    names.sort_unstable();
    names
});

/// Whether `text` is a person's name where the claim speaks of somebody: a known given name, or two to four capitalised words
/// that no organisation is made of; or a name in a script that has no capitals.
pub fn looks_like_name(text: &str) -> bool {
    let words = || words(text);
    if text.len() > 60
        || text
            .bytes()
            .any(|byte| byte.is_ascii_digit() || b"_/\\:@<>{}|#".contains(&byte))
    {
        return false;
    }
    let looks = match words().count() {
        1 => is_given(text) || is_han_name(text),
        2..=5 => words().all(is_capitalised) || is_known_name(text),
        _ => false,
    };
    looks && !words().any(is_not_personal)
}

/// Whether `text` begins with a known given name and goes on like a name, wherever it stands.
pub fn is_known_name(text: &str) -> bool {
    let mut all = words(text);
    let capitals = (2..=4).contains(&all.clone().count()) && all.clone().all(is_capitalised);
    capitals && all.next().is_some_and(is_given) && !all.any(is_not_personal)
}

/// `{"first": …, "last": …}`: neither member says alone whose name it is.
pub fn is_split_name(members: &Map<String, Value>) -> bool {
    let named = |name: &str| {
        let text = members.get(name).and_then(Value::as_str);
        text.is_some_and(|text| text.starts_with(char::is_alphabetic))
    };
    (named("first") && named("last")) || (named("given") && named("family"))
}

fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split([' ', ',']).filter(|word| !word.is_empty())
}

/// `Anna`, `O'Neil`, `Jean-Luc`, `A.`; not `HR`, `iPhone` or `v2`.
fn is_capitalised(word: &str) -> bool {
    let particle = matches!(
        word,
        "de" | "da"
            | "do"
            | "dos"
            | "di"
            | "del"
            | "la"
            | "van"
            | "von"
            | "der"
            | "den"
            | "le"
            | "bin"
            | "y"
    );
    let mut letters = word.chars();
    let first = letters.next().is_some_and(char::is_uppercase);
    let rest = word
        .chars()
        .skip(1)
        .all(|c| c.is_alphabetic() || "'’.-".contains(c));
    let lower = word.len() <= 2 || word.chars().skip(1).any(char::is_lowercase);
    particle || (first && rest && lower)
}

fn is_given(word: &str) -> bool {
    let (mut buffer, length) = ([0; 16], word.len());
    let Some(folded) = buffer.get_mut(..length) else {
        return false;
    };
    folded.copy_from_slice(word.as_bytes());
    folded.make_ascii_lowercase();
    let folded = std::str::from_utf8(folded).unwrap_or_default();
    word.starts_with(char::is_uppercase) && GIVEN_NAMES.binary_search(&folded).is_ok()
}

fn is_not_personal(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    matches!(word, "&" | "and" | "und" | "et" | "the" | "of" | "for")
        || NOT_PERSONAL
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
}

/// Two to four characters, the first a usual family name of China, Japan or Korea.
fn is_han_name(text: &str) -> bool {
    const FAMILIES: &str = "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧程曹袁邓鄧许許傅沈曾彭吕呂佐鈴田山伊渡中小加吉藤김이박최정강조윤장임한오서신권황안송류홍";
    (2..=4).contains(&text.chars().count())
        && text
            .chars()
            .all(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'))
        && text
            .chars()
            .next()
            .is_some_and(|first| FAMILIES.contains(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_what_else_has_capitals() {
        for text in [
            "Anna Schmidt",
            "Jean-Luc O'Neil",
            "Ludwig van Beethoven",
            "Xochitl Quetzal",
            "王小明",
            "김민준",
            "Maria",
        ] {
            assert!(looks_like_name(text), "{text}");
        }
        for text in [
            "Billing Team",
            "Smith & Sons",
            "Order Service",
            "HR",
            "acme",
            "iPhone 15 Pro",
            "the owner",
            "platform-eng",
            "",
            "Acme",
            "Bank of Nowhere",
        ] {
            assert!(!looks_like_name(text), "{text}");
        }
    }

    #[test]
    fn only_known_given_names_are_known_anywhere() {
        assert!(is_known_name("Anna Schmidt") && is_known_name("Peter van der Berg"));
        for text in [
            "Order Service",
            "Black Friday",
            "Madison Rebuild",
            "Anna",
            "Thomas Cloud Services",
            "anna schmidt",
        ] {
            assert!(!is_known_name(text), "{text}");
        }
    }
}
