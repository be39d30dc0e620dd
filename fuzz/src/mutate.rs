//! Mutations of inputs that know a little of what inputs are made of: lines, numbers, texts
//! in quotes, brackets, and the words of a target.

use fastrand::Rng;

/// The most bytes of a mutated input.
pub const BYTES_MAX: usize = 64 * 1024;

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1e400",
    "0.1",
    "-0",
    "99999999999999999999999999999999999999999",
];

/// An input that was made of others.
pub fn mutate(rng: &mut Rng, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let pick =
        |rng: &mut Rng| corpus.get(rng.usize(..corpus.len().max(1))).cloned().unwrap_or_default();
    let mut input = pick(rng);
    if input.len() > BYTES_MAX || rng.u8(..4) == 0 {
        // Whole recordings are long, and a part of them is quicker.
        input = part(rng, &input);
    }
    for _ in 0..=rng.usize(..6) {
        match rng.u8(..12) {
            0 => flip(rng, &mut input),
            1 => set(rng, &mut input),
            2 => remove(rng, &mut input),
            3 => repeat(rng, &mut input),
            4 => {
                let other = pick(rng);
                splice(rng, &mut input, &other);
            }
            5 => {
                let len = rng.usize(..=input.len());
                input.truncate(len);
            }
            6 => {
                let other = pick(rng);
                lines(rng, &mut input, &other);
            }
            7 => number(rng, &mut input),
            8 => quoted(rng, &mut input, words),
            9 => nest(rng, &mut input),
            // Words twice as often as anything else.
            _ => insert(rng, &mut input, words),
        }
    }
    input.truncate(BYTES_MAX);
    input
}

/// Some lines that follow one another.
fn part(rng: &mut Rng, input: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
    let from = rng.usize(..=lines.len());
    let count = rng.usize(..=40);
    let mut part: Vec<u8> = lines[from..].iter().take(count).copied().flatten().copied().collect();
    part.truncate(BYTES_MAX);
    part
}

fn flip(rng: &mut Rng, input: &mut [u8]) {
    if let Some(byte) = any(rng, input) {
        *byte ^= 1 << rng.u8(..8);
    }
}

fn set(rng: &mut Rng, input: &mut [u8]) {
    const BYTES: &[u8] = b"\0\x01\x1b\x7f\x80\xff\n\r\t \"\\{}[],:.<>&'0129aA";
    let byte = BYTES[rng.usize(..BYTES.len())];
    if let Some(place) = any(rng, input) {
        *place = byte;
    }
}

fn any<'a>(rng: &mut Rng, input: &'a mut [u8]) -> Option<&'a mut u8> {
    let place = rng.usize(..input.len().max(1));
    input.get_mut(place)
}

fn insert(rng: &mut Rng, input: &mut Vec<u8>, words: &[&str]) {
    let word = words.get(rng.usize(..words.len().max(1))).copied().unwrap_or("\0");
    let place = rng.usize(..=input.len());
    input.splice(place..place, word.bytes());
}

fn range(rng: &mut Rng, input: &[u8]) -> std::ops::Range<usize> {
    let from = rng.usize(..=input.len());
    let most = if rng.bool() { 8 } else { 200 };
    from..(from + rng.usize(..=most)).min(input.len())
}

fn remove(rng: &mut Rng, input: &mut Vec<u8>) {
    let range = range(rng, input);
    input.drain(range);
}

fn repeat(rng: &mut Rng, input: &mut Vec<u8>) {
    let range = range(rng, input);
    let piece = input[range.clone()].repeat(1 << rng.u32(..8));
    input.splice(range.end..range.end, piece.into_iter().take(BYTES_MAX));
}

fn splice(rng: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    let (into, from) = (range(rng, input), range(rng, other));
    input.splice(into, other[from].iter().copied());
}

/// Takes a line out, says it twice, moves it, or puts one of another input in.
fn lines(rng: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    let mut lines: Vec<Vec<u8>> =
        input.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return;
    }
    let place = rng.usize(..lines.len());
    match rng.u8(..4) {
        0 => drop(lines.remove(place)),
        1 => lines.insert(place, lines[place].clone()),
        2 => {
            let line = lines.remove(place);
            lines.insert(rng.usize(..=lines.len()), line);
        }
        _ => {
            let others: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
            if let Some(line) = others.get(rng.usize(..others.len().max(1))) {
                lines.insert(place, line.to_vec());
            }
        }
    }
    *input = lines.concat();
}

/// Says another number where there is one.
fn number(rng: &mut Rng, input: &mut Vec<u8>) {
    let from = rng.usize(..=input.len());
    let Some(start) = input[from..].iter().position(u8::is_ascii_digit) else { return };
    let start = from + start;
    let len = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = NUMBERS[rng.usize(..NUMBERS.len())];
    input.splice(start..start + len, number.bytes());
}

/// Says another text between two quotes.
fn quoted(rng: &mut Rng, input: &mut Vec<u8>, words: &[&str]) {
    let from = rng.usize(..=input.len());
    let Some(start) = input[from..].iter().position(|byte| *byte == b'"') else { return };
    let start = from + start + 1;
    let Some(len) = input[start..].iter().position(|byte| *byte == b'"') else { return };
    let text = match rng.u8(..4) {
        0 => String::new(),
        1 => "\\u001b[2J\\u0000\\u202e<b>&]]>".to_owned(),
        2 => "x".repeat(rng.usize(..300)),
        _ => words.get(rng.usize(..words.len().max(1))).copied().unwrap_or("é").replace('"', ""),
    };
    input.splice(start..start + len, text.into_bytes());
}

/// Puts brackets around a piece.
fn nest(rng: &mut Rng, input: &mut Vec<u8>) {
    let range = range(rng, input);
    let (open, close) = [("[", "]"), ("{\"a\":", "}"), ("{", "}")][rng.usize(..3)];
    let depth = 1_usize << rng.u32(..11);
    input.splice(range.end..range.end, close.repeat(depth).into_bytes());
    input.splice(range.start..range.start, open.repeat(depth).into_bytes());
}
