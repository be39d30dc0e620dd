// Texts: what a run said, made harmless and readable; numbers, times, links.

const ANSI = /\u001b\[[0-?]*[ -/]*[@-~]|\u009b[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text without colours; what else cannot be seen is shown as what it is. */
function plain(text) {
  return String(text ?? "")
    .replace(ANSI, "")
    .replace(/\r\n?/g, "\n")
    .replace(CONTROL, (letter) => {
      const code = letter.codePointAt(0);
      if (code < 0x20) return String.fromCodePoint(0x2400 + code);
      return code === 0x7f ? "\u2421" : `\\u${code.toString(16).padStart(4, "0")}`;
    });
}

/** A text on one line. */
function line(text) {
  return plain(text).replace(/\s*[\n\u2028\u2029]\s*/g, " ⏎ ").trim();
}

/** The first line of a text that has one. */
function firstLine(text) {
  const found = plain(text).split(/[\n\u2028\u2029]/).find((part) => part.trim() !== "");
  return (found ?? "").trim();
}

const NUMBER = new Intl.NumberFormat("en");

function count(number, one, many) {
  return `${NUMBER.format(number)} ${number === 1 ? one : many ?? `${one}s`}`;
}

function duration(seconds) {
  if (seconds === undefined || seconds === null) return "";
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${trim(seconds * 1000, seconds < 0.01 ? 1 : 0)} ms`;
  if (seconds < 60) return `${trim(seconds, 2)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

function trim(number, digits) {
  return String(Number(number.toFixed(digits)));
}

/** A moment in UTC, the same on every machine. */
function moment(millis) {
  if (!Number.isFinite(millis) || Math.abs(millis) > 8.64e15) return "";
  return `${new Date(millis).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function bytes(size) {
  if (size < 1024) return count(size, "byte");
  if (size < 1024 * 1024) return `${trim(size / 1024, 1)} KiB`;
  return `${trim(size / 1024 / 1024, 1)} MiB`;
}

/** Where a path may lead: to the web, or to a file below the folder of the page. */
function safeHref(path) {
  const text = String(path ?? "");
  if (text === "" || /[\u0000-\u001f\u007f\\]/.test(text)) return null;
  if (/^https?:\/\//i.test(text)) {
    try {
      const url = new URL(text);
      return url.username || url.password ? null : url.href;
    } catch {
      return null;
    }
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || text.startsWith("/")) return null;
  if (text.split("/").includes("..")) return null;
  return `./${text.split("/").map(encodeURIComponent).join("/")}`;
}

function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

function place(location) {
  if (!location) return "";
  const parts = [location.file, location.line, location.column];
  return line(parts.filter((part) => part !== undefined).join(":"));
}

const STATUS = {
  failure: { word: "Failed", glyph: "✗", verdict: "failed" },
  error: { word: "Error", glyph: "!", verdict: "failed" },
  timed_out: { word: "Timed out", glyph: "◷", verdict: "failed" },
  aborted: { word: "Aborted", glyph: "⊗", verdict: "failed" },
  running: { word: "Running", glyph: "●", verdict: "running" },
  success: { word: "Passed", glyph: "✓", verdict: "passed" },
  skipped: { word: "Skipped", glyph: "–", verdict: "skipped" },
  ignored: { word: "Ignored", glyph: "–", verdict: "skipped" },
  canceled: { word: "Canceled", glyph: "⊘", verdict: "skipped" },
  pending: { word: "Pending", glyph: "…", verdict: "skipped" },
};
const STATUSES = Object.keys(STATUS);

function statusOf(item) {
  return Object.hasOwn(STATUS, item.status ?? "running") ? item.status ?? "running" : "error";
}
