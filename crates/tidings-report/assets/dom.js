// Elements. Text from a run becomes text nodes only; nothing here reads markup.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

/** An element with properties and children; strings among them become text. */
function el(name, properties, ...children) {
  return fill(document.createElement(name), properties, children);
}

function svg(name, properties, ...children) {
  return fill(document.createElementNS(SVG, name), properties, children);
}

function fill(element, properties, children) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") element.setAttribute("class", value);
    else if (key === "dataset") Object.assign(element.dataset, value);
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "hidden") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Sets the text only where it changes, so that nothing is announced or selected anew. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (value === undefined || value === null || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, value);
  }
}

/** Replaces what is inside, and keeps what is open, scrolled and focused. */
function replaceKept(element, children) {
  const states = new Map();
  for (const kept of element.querySelectorAll("[data-keep]")) {
    states.set(kept.dataset.keep, { open: kept.open, top: kept.scrollTop, left: kept.scrollLeft });
  }
  const focused = element.contains(document.activeElement)
    ? document.activeElement.closest("[data-keep]")?.dataset.keep
    : undefined;
  const inner = document.activeElement?.tagName;
  const top = element.scrollTop;
  element.replaceChildren();
  add(element, children);
  for (const kept of element.querySelectorAll("[data-keep]")) {
    const state = states.get(kept.dataset.keep);
    if (!state) continue;
    if (state.open !== undefined) kept.open = state.open;
    [kept.scrollTop, kept.scrollLeft] = [state.top, state.left];
    if (kept.dataset.keep === focused) {
      (inner === "SUMMARY" ? kept.querySelector("summary") : kept)?.focus({ preventScroll: true });
    }
  }
  element.scrollTop = top;
}

/** A status as glyph and word: never by colour alone. */
function badge(status, words) {
  const { glyph, word } = STATUS[status];
  return el("span", { class: `badge s-${status}` }, el("span", { "aria-hidden": "true" }, glyph), ` ${words ?? word}`);
}

function glyph(status) {
  const { glyph, word } = STATUS[status];
  return [
    el("span", { class: `glyph s-${status}`, "aria-hidden": "true" }, glyph),
    el("span", { class: "unseen" }, `${word}: `),
  ];
}

/** The share of each verdict as a thin bar. */
function miniBar(counts) {
  const total = (counts.total ?? 0) + (counts.running ?? 0);
  const bar = el("span", { class: "mini", "aria-hidden": "true" });
  for (const verdict of ["failed", "running", "passed", "skipped"]) {
    if (!counts[verdict]) continue;
    const part = el("span", { class: `fill v-${verdict}` });
    part.style.flexGrow = String(counts[verdict] / total);
    bar.append(part);
  }
  return bar;
}
