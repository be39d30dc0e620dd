// The tree of suites and tests. Only the rows in sight are elements, however many there are.

const ROW = 26;
const SPARE = 12;

const tree = {
  root: null,
  size: null,
  rows: [],
  places: new Map(),
  elements: new Map(),
  active: null,
  /** What somebody opened or closed: suite by suite, apart for when a filter is on. */
  said: new Map(),
  saidFiltering: new Map(),
};

function makeTree() {
  tree.size = el("div", { class: "tree-size", role: "presentation" });
  tree.root = el("div", { id: "tree", class: "tree", role: "tree", "aria-label": "Suites and tests" }, tree.size);
  tree.empty = el("p", { class: "note", hidden: true }, "Nothing matches the filter.");
  tree.root.addEventListener("scroll", () => paintTree(), { passive: true });
  tree.root.addEventListener("keydown", onTreeKey);
  tree.root.addEventListener("click", onTreeClick);
  tree.root.addEventListener("focusin", (event) => {
    const id = event.target.closest("[role=treeitem]")?.dataset.id;
    if (id !== undefined) tree.active = id;
  });
  new ResizeObserver(() => paintTree()).observe(tree.root);
  return [tree.root, tree.empty];
}

/** Suites with what is in them and passes the filter; suites without any are left out. */
function arrange() {
  const inside = new Map();
  const put = (key, entry) => (inside.get(key) ?? inside.set(key, []).get(key)).push(entry);
  const shown = new Set();
  let number = 0;
  for (const item of store.order) {
    if (!passes(item)) continue;
    number += 1;
    put(item.suite, item);
    for (let key = item.suite; key && !shown.has(key); key = store.suites.get(key)?.parent ?? "") shown.add(key);
  }
  const filtering = isFiltering();
  for (const suite of store.suites.values()) {
    if (suite.key !== "" && !filtering && !shown.has(suite.key)) {
      for (let key = suite.key; key && !shown.has(key); key = store.suites.get(key)?.parent ?? "") shown.add(key);
    }
  }
  const suitesIn = new Map();
  for (const suite of store.suites.values()) {
    if (suite.key === "" || !shown.has(suite.key)) continue;
    const parent = store.suites.has(suite.parent) ? suite.parent : "";
    (suitesIn.get(parent) ?? suitesIn.set(parent, []).get(parent)).push(suite);
  }
  return { inside, suitesIn, number };
}

function isOpen(suite) {
  const said = isFiltering() ? tree.saidFiltering : tree.said;
  const wish = said.get(suite.key);
  if (wish !== undefined) return wish;
  const { failed = 0, running = 0 } = suite.counts;
  return isFiltering() || failed > 0 || running > 0 || store.order.length <= 40;
}

function renderTree() {
  const { inside, suitesIn, number } = arrange();
  const rows = [];
  const walk = (parent, level) => {
    const suites = suitesIn.get(parent) ?? [];
    const items = inside.get(parent) ?? [];
    const setsize = suites.length + items.length;
    let posinset = 0;
    for (const suite of suites) {
      posinset += 1;
      const open = isOpen(suite);
      rows.push({ id: `s${suite.key}`, suite, level, setsize, posinset, open });
      if (open) walk(suite.key, level + 1);
    }
    for (const item of items) {
      posinset += 1;
      rows.push({ id: item.key, item, level, setsize, posinset });
    }
  };
  walk("", 1);
  tree.rows = rows;
  tree.places = new Map(rows.map((row, index) => [row.id, index]));
  if (!tree.places.has(tree.active)) {
    tree.active = tree.places.has(store.chosen) ? store.chosen : rows[0]?.id ?? null;
  }
  tree.size.style.height = `${rows.length * ROW}px`;
  tree.empty.hidden = rows.length > 0;
  tree.empty.textContent = isFiltering() ? "Nothing matches the filter." : "Nothing has been heard of yet.";
  tree.root.hidden = rows.length === 0;
  paintTree();
  return number;
}

/** Makes elements for the rows in sight and the active one, and lets go of all others. */
function paintTree() {
  const { root, rows, elements } = tree;
  const first = Math.max(0, Math.floor(root.scrollTop / ROW) - SPARE);
  const last = Math.min(rows.length, Math.ceil((root.scrollTop + root.clientHeight) / ROW) + SPARE);
  const wanted = [];
  const active = tree.places.get(tree.active);
  if (active !== undefined && active < first) wanted.push(active);
  for (let index = first; index < last; index += 1) wanted.push(index);
  if (active !== undefined && active >= last) wanted.push(active);
  const kept = new Set(wanted.map((index) => rows[index].id));
  for (const [id, element] of elements) {
    if (kept.has(id)) continue;
    const hadFocus = element === document.activeElement;
    element.remove();
    elements.delete(id);
    if (hadFocus) tree.wantsFocus = true;
  }
  let cursor = tree.size.firstChild;
  for (const index of wanted) {
    const row = rows[index];
    let element = elements.get(row.id);
    if (!element) {
      element = el("div", { role: "treeitem", class: "row", dataset: { id: row.id } });
      elements.set(row.id, element);
    }
    paintRow(element, row, index);
    if (cursor === element) cursor = cursor.nextSibling;
    else tree.size.insertBefore(element, cursor);
  }
  if (tree.wantsFocus) {
    tree.wantsFocus = false;
    elements.get(tree.active)?.focus({ preventScroll: true });
  }
}

function paintRow(element, row, index) {
  element.style.transform = `translateY(${index * ROW}px)`;
  element.style.setProperty("--level", String(Math.min(row.level - 1, 12)));
  setAttribute(element, "aria-level", row.level);
  setAttribute(element, "aria-setsize", row.setsize);
  setAttribute(element, "aria-posinset", row.posinset);
  setAttribute(element, "aria-expanded", row.suite ? String(row.open) : undefined);
  setAttribute(element, "aria-selected", String(row.id === store.chosen));
  setAttribute(element, "tabindex", row.id === tree.active ? "0" : "-1");
  const source = row.suite ?? row.item;
  if (element.source === source && element.open === row.open) return;
  [element.source, element.open] = [source, row.open];
  element.replaceChildren();
  add(element, row.suite ? suiteRow(row.suite, row.open) : itemRow(row.item));
}

function suiteRow(suite, open) {
  const { failed = 0, total = 0, running = 0 } = suite.counts;
  const parts = [];
  if (failed > 0) parts.push(`${NUMBER.format(failed)} failed`);
  if (running > 0) parts.push(`${NUMBER.format(running)} running`);
  return [
    el("span", { class: "twist", "aria-hidden": "true" }, open ? "▾" : "▸"),
    el("span", { class: "name suite-name", title: suite.name }, suite.name),
    el("span", { class: "unseen" }, `, ${suite.kind}`),
    el("span", { class: failed > 0 ? "aside s-failure" : "aside" }, parts.join(", ")),
    miniBar(suite.counts),
    el("span", { class: "amount" }, NUMBER.format(total)),
  ];
}

function itemRow(item) {
  const repeat = item.model.repeat ? ` (run ${item.model.repeat})` : "";
  return [
    el("span", { class: "twist", "aria-hidden": "true" }),
    ...glyph(item.status),
    el("span", { class: "name", title: item.name }, item.name + repeat),
    item.flaky && el("span", { class: "tag s-flaky" }, "flaky"),
    !item.isCase && el("span", { class: "tag" }, "no test"),
    item.message && el("span", { class: "message" }, item.message),
    el("span", { class: "amount" }, duration(item.seconds)),
  ];
}

function say(suite, open) {
  (isFiltering() ? tree.saidFiltering : tree.said).set(suite.key, open);
  showCount(renderTree());
}

function activate(index, focus = true) {
  const row = tree.rows[index];
  if (!row) return;
  tree.active = row.id;
  const top = index * ROW;
  const { root } = tree;
  if (top < root.scrollTop) root.scrollTop = top;
  else if (top + ROW > root.scrollTop + root.clientHeight) root.scrollTop = top + ROW - root.clientHeight;
  paintTree();
  if (focus) tree.elements.get(row.id)?.focus({ preventScroll: true });
}

function focusTree() {
  if (filter.view !== "tests") showView("tests");
  activate(tree.places.get(tree.active) ?? 0);
}

/** Opens what is around an item, and brings it into sight. */
function reveal(key) {
  const item = store.items.get(key);
  if (!item || !passes(item)) return;
  const said = isFiltering() ? tree.saidFiltering : tree.said;
  for (let suite = suiteOf(item); suite && suite.key !== ""; suite = store.suites.get(suite.parent)) {
    if (!isOpen(suite)) said.set(suite.key, true);
  }
  renderTree();
  const top = tree.places.get(key) * ROW;
  const isSeen = top >= tree.root.scrollTop && top + ROW <= tree.root.scrollTop + tree.root.clientHeight;
  if (!isSeen) tree.root.scrollTop = top - tree.root.clientHeight / 3;
  activate(tree.places.get(key), false);
}

function parentRow(index) {
  const { level } = tree.rows[index];
  for (let place = index - 1; place >= 0; place -= 1) {
    if (tree.rows[place].level < level) return place;
  }
  return index;
}

function onTreeKey(event) {
  const index = tree.places.get(tree.active);
  const row = tree.rows[index];
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = Math.max(1, Math.floor(tree.root.clientHeight / ROW) - 1);
  const moves = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: tree.rows.length - 1,
    PageDown: Math.min(index + page, tree.rows.length - 1),
    PageUp: Math.max(index - page, 0),
  };
  if (event.key in moves) activate(moves[event.key]);
  else if (event.key === "ArrowRight" && row.suite) row.open ? activate(index + 1) : say(row.suite, true);
  else if (event.key === "ArrowLeft" && row.suite && row.open) say(row.suite, false);
  else if (event.key === "ArrowLeft") activate(parentRow(index));
  else if (event.key === "Enter" || event.key === " ") choose(row.id, { reveal: false });
  else return;
  event.preventDefault();
}

function onTreeClick(event) {
  const element = event.target.closest("[role=treeitem]");
  const row = element && tree.rows[tree.places.get(element.dataset.id)];
  if (!row) return;
  activate(tree.places.get(row.id));
  if (row.suite) say(row.suite, !row.open);
  choose(row.id, { reveal: false, follow: Boolean(row.item) });
}
