// Expected and actual side by side, line by line, with what differs marked.

/** More cells than this are not compared; what is not common at both ends then counts as different. */
const CELLS_MAX = 400_000;

/** Pairs of lines; one of a pair is null where the other has no counterpart. */
function pairLines(left, right) {
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1;
  let tail = 0;
  const room = Math.min(left.length, right.length) - head;
  while (tail < room && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const [a, b] = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
  const pairs = left.slice(0, head).map((text) => [text, text, false]);
  pairs.push(...middle(a, b));
  pairs.push(...left.slice(left.length - tail).map((text) => [text, text, false]));
  return pairs;
}

function middle(a, b) {
  if (a.length * b.length > CELLS_MAX) return zip(a, b);
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i * width + j] =
        a[i] === b[j]
          ? table[(i + 1) * width + j + 1] + 1
          : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const pairs = [];
  let [i, j, onlyA, onlyB] = [0, 0, [], []];
  const flush = () => {
    pairs.push(...zip(onlyA, onlyB));
    [onlyA, onlyB] = [[], []];
  };
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      flush();
      pairs.push([a[i], b[j], false]);
      [i, j] = [i + 1, j + 1];
    } else if (j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) {
      onlyA.push(a[i]);
      i += 1;
    } else {
      onlyB.push(b[j]);
      j += 1;
    }
  }
  flush();
  return pairs;
}

function zip(a, b) {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, index) => [a[index] ?? null, b[index] ?? null, true]);
}

/** One of two lines, with the part marked that the other one does not have. */
function marked(text, other) {
  if (text === null) return [];
  if (other === null) return [el("mark", {}, text === "" ? "⏎" : text)];
  const [a, b] = [[...text], [...other]];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  const room = Math.min(a.length, b.length) - head;
  while (tail < room && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const part = (from, to) => a.slice(from, to).join("");
  const changed = part(head, a.length - tail);
  return [part(0, head), changed !== "" && el("mark", {}, changed), part(a.length - tail, a.length)];
}

/** The table of both sides; only the lines around differences when there are many. */
function diffTable(expected, actual, keep) {
  const sides = [expected, actual].map((text) => plain(text).split("\n"));
  const pairs = pairLines(...sides);
  const same = pairs.every(([, , differs]) => !differs);
  const isNear = pairs.map(() => pairs.length <= 60);
  pairs.forEach(([, , differs], index) => {
    if (differs) for (let near = index - 3; near <= index + 3; near += 1) isNear[near] = true;
  });
  const rows = [];
  let skipped = 0;
  const flush = () => {
    if (skipped > 0) rows.push(el("tr", { class: "gap" }, el("td", { colspan: "2" }, `${count(skipped, "equal line")}`)));
    skipped = 0;
  };
  for (const [index, [left, right, differs]] of pairs.entries()) {
    if (!isNear[index] || rows.length > 2_000) {
      skipped += 1;
      continue;
    }
    flush();
    rows.push(diffRow(left, right, differs));
  }
  flush();
  return el(
    "div",
    { class: "diff", tabindex: "0", role: "region", "aria-label": "Expected and actual", dataset: { keep } },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Expected"), el("th", { scope: "col" }, "Actual"))),
      el("tbody", {}, rows),
    ),
    same && el("p", { class: "note" }, "Both are the same text."),
  );
}

function diffRow(left, right, differs) {
  if (!differs) return el("tr", {}, el("td", {}, left), el("td", {}, right));
  const cell = (text, other, sign, look, word) =>
    text === null
      ? el("td", { class: "none" })
      : el(
          "td",
          { class: look },
          el("span", { class: "sign", "aria-hidden": "true" }, sign),
          el("span", { class: "unseen" }, word),
          marked(text, other),
        );
  return el(
    "tr",
    {},
    cell(left, right, "−", "was", "only expected: "),
    cell(right, left, "+", "got", "only actual: "),
  );
}
