// Output, attachments, log files and properties of an item.

const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const DIAGRAM = "text/vnd.mermaid";
const STREAMS = { stdout: "Standard output", stderr: "Standard error", log: "Log", other: "Other output" };

function block(title, keep, open, ...children) {
  return el(
    "details",
    { class: "block", open, dataset: { keep } },
    el("summary", {}, el("span", { class: "block-title" }, title)),
    children,
  );
}

/** Text that may be wide or long; it can be reached and scrolled by keyboard. */
function pre(text, label, keep) {
  return el("pre", { tabindex: "0", role: "region", "aria-label": label, dataset: { keep } }, plain(text));
}

function notesBlocks(notes, keep, hasFailed) {
  if (!notes) return [];
  const blocks = [...outputBlocks(notes, keep, hasFailed)];
  if (notes.attachments) {
    const dropped = notes.attachments_dropped;
    blocks.push(
      block(
        count(notes.attachments.length, "attachment"),
        `${keep}-attachments`,
        true,
        el("ul", { class: "files" }, notes.attachments.map((it, index) => attachmentItem(it, `${keep}-a${index}`))),
        dropped && el("p", { class: "note" }, `${count(dropped, "more attachment")} not kept`),
      ),
    );
  }
  if (notes.log_files) {
    const items = notes.log_files.map((path) => el("li", {}, link(path, path)));
    blocks.push(block(count(notes.log_files.length, "log file"), `${keep}-logs`, true, el("ul", { class: "files" }, items)));
  }
  if (notes.properties) {
    blocks.push(block(count(notes.properties.length, "property", "properties"), `${keep}-properties`, false, pairsList(notes.properties)));
  }
  if (notes.left_out) blocks.push(el("p", { class: "note" }, "Output and attachments are left out to keep this page small."));
  return blocks;
}

function pairsList(pairs) {
  return el("dl", { class: "pairs" }, pairs.map(([name, value]) => [el("dt", {}, line(name)), el("dd", {}, plain(value))]));
}

/** One block per stream and attempt, with a mark where the middle is missing. */
function outputBlocks(notes, keep, hasFailed) {
  const groups = new Map();
  const put = (piece, isEnd) => {
    const key = `${piece.stream}-${piece.attempt ?? ""}`;
    if (!groups.has(key)) groups.set(key, { ...piece, text: "", end: "" });
    groups.get(key)[isEnd ? "end" : "text"] += piece.text;
  };
  (notes.output ?? []).forEach((piece) => put(piece, false));
  (notes.output_end ?? []).forEach((piece) => put(piece, true));
  const dropped = notes.output_dropped_bytes ?? 0;
  const isMany = new Set([...groups.values()].map((group) => group.attempt ?? 1)).size > 1;
  return [...groups].map(([key, { stream, attempt, text, end }]) => {
    const gap = dropped > 0 && end !== "" ? `\n[${bytes(dropped)} left out]\n` : "";
    const title = (STREAMS[stream] ?? STREAMS.other) + (isMany && attempt ? `, attempt ${attempt}` : "");
    return block(title, `${keep}-${key}`, hasFailed, pre(text + gap + end, title, `${keep}-${key}-text`));
  });
}

/** A link where it leads somewhere harmless, and else its text. */
function link(path, text) {
  const href = store.live && !/^https?:/i.test(path) ? null : safeHref(path);
  const shown = line(text);
  if (href === null) return el("span", { class: "path" }, shown);
  return el("a", { class: "path", href, rel: "noopener noreferrer", target: "_blank" }, shown);
}

function attachmentItem(attachment, keep) {
  const type = line(attachment.media_type ?? "").toLowerCase();
  const name = line(attachment.name) || "attachment";
  const facts = [type, attachment.size_bytes !== undefined && bytes(attachment.size_bytes)];
  if (attachment.attempt) facts.push(`attempt ${attachment.attempt}`);
  const aside = el("span", { class: "aside" }, facts.filter(Boolean).join(" · "));
  if (attachment.path !== undefined) {
    return el("li", {}, link(attachment.path, name), " ", aside, name !== line(attachment.path) && el("div", { class: "aside" }, line(attachment.path)));
  }
  if (attachment.digest !== undefined) return el("li", {}, name, " ", aside, el("div", { class: "aside path" }, line(attachment.digest)));
  const content = attachment.base64 === undefined ? null : fromBase64(attachment.base64);
  if (content === null) return el("li", {}, name, " ", aside, el("span", { class: "aside" }, " (content not kept)"));
  return el("li", {}, name, " ", aside, " ", saveButton(name, content), inlineContent(attachment, type, name, content, keep));
}

function inlineContent(attachment, type, name, content, keep) {
  if (IMAGES.includes(type)) {
    return el("img", { class: "shot", alt: name, src: `data:${type};base64,${attachment.base64}` });
  }
  const isText = type.startsWith("text/") || type === "" || /^application\/([a-z.+-]*\+)?(json|xml|yaml|toml)$/.test(type);
  const text = isText ? new TextDecoder("utf-8").decode(content) : null;
  if (text === null || (type === "" && text.includes("\ufffd"))) return null;
  const diagram = type === DIAGRAM ? readMermaid(text) : null;
  if (diagram) return drawDiagram(diagram, name);
  return block("Content", keep, content.length < 2_000, pre(text, `Content of ${name}`, `${keep}-text`));
}

/** Saves the bytes under a harmless name; no page is ever opened with them. */
function saveButton(name, content) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
    const file = name.replace(/[^\p{L}\p{N}._ -]+/gu, "_").replace(/^\.+/, "").slice(0, 100) || "attachment";
    el("a", { href: url, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return el("button", { type: "button", class: "small", "aria-label": `Save ${name}`, onclick: save }, "Save");
}
