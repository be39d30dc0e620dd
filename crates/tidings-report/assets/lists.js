// The other views: failures, slowest, flaky, never ran, nodes, diagrams.

const CHUNK = 200;

const VIEWS = [
  { id: "tests", word: "Tests" },
  { id: "failures", word: "Failures", number: () => store.model.counts.failed ?? 0 },
  { id: "slowest", word: "Slowest" },
  { id: "flaky", word: "Flaky", number: () => store.model.counts.flaky ?? 0 },
  { id: "never", word: "Never ran", number: () => store.model.never_ran.count },
  { id: "nodes", word: "Nodes", number: () => store.model.nodes.length },
  { id: "diagrams", word: "Diagrams" },
];

/** How many rows of each list somebody asked for. */
const asked = new Map();

const RENDER = {
  failures: () => {
    const failed = store.order.filter((item) => STATUS[item.status].verdict === "failed" && passes(item));
    const cases = failed.filter((item) => item.isCase);
    const errors = failed.filter((item) => !item.isCase);
    return [
      el("h3", {}, `Tests that failed (${NUMBER.format(cases.length)})`),
      itemList("failures", cases, "No test failed."),
      errors.length > 0 && el("h3", {}, `Errors outside of tests (${NUMBER.format(errors.length)})`),
      errors.length > 0 && itemList("errors", errors, ""),
    ];
  },
  slowest: () => {
    const timed = store.order.filter((item) => item.isCase && item.seconds !== undefined && passes(item));
    timed.sort((one, other) => other.seconds - one.seconds);
    const top = timed.slice(0, 50);
    return [
      el("h3", {}, top.length < timed.length ? `Slowest ${top.length} of ${NUMBER.format(timed.length)}` : "Slowest first"),
      itemList("slowest", top, "No durations are known.", top[0]?.seconds),
    ];
  },
  flaky: () => [
    el("h3", {}, "Passed after a failed attempt"),
    itemList("flaky", store.order.filter((item) => item.flaky && passes(item)), "No test was flaky."),
  ],
  never: () => {
    const { count: number, names } = store.model.never_ran;
    const shown = names.slice(0, asked.get("never") ?? CHUNK);
    return [
      el("h3", {}, number === 0 ? "Everything that was planned ran" : `${count(number, "planned test")} never ran`),
      number > 0 && names.length === 0 && el("p", { class: "note" }, "The plan was a number; which ones are missing is not known."),
      el("ul", { class: "plain" }, shown.map((name) => el("li", {}, line(name)))),
      more("never", names.length),
      names.length < number && names.length > 0 && el("p", { class: "note" }, `Names of ${NUMBER.format(names.length)} of them are known here.`),
    ];
  },
  nodes: () => [el("h3", {}, "Nodes that took part"), nodesTable()],
  diagrams: () => diagramsView(),
};

function itemList(id, items, nothing, longest) {
  if (items.length === 0) return el("p", { class: "note" }, isFiltering() ? "Nothing matches the filter." : nothing);
  const shown = items.slice(0, asked.get(id) ?? CHUNK);
  return [el("ul", { class: "items" }, shown.map((item) => itemEntry(item, id, longest))), more(id, items.length)];
}

function itemEntry(item, id, longest) {
  const share = longest ? el("span", { class: "share", "aria-hidden": "true" }) : null;
  if (share) share.style.width = `${(100 * item.seconds) / longest}%`;
  const around = placeOf(item);
  return el(
    "li",
    {},
    el(
      "button",
      {
        type: "button",
        class: "item",
        "aria-current": item.key === store.chosen ? "true" : undefined,
        dataset: { keep: `${id}-${item.key}`, id: item.key },
        onclick: () => choose(item.key, { follow: true }),
      },
      el("span", { class: "item-line" }, glyph(item.status), el("span", { class: "name" }, item.name), el("span", { class: "amount" }, duration(item.seconds))),
      around && el("span", { class: "item-place" }, around),
      item.message && !longest && el("span", { class: "item-message" }, item.message),
      share,
    ),
  );
}

function more(id, total) {
  const shown = asked.get(id) ?? CHUNK;
  if (shown >= total) return null;
  const ask = () => {
    asked.set(id, shown + CHUNK * 5);
    renderView();
  };
  return el("button", { type: "button", class: "small", dataset: { keep: `more-${id}` }, onclick: ask }, `Show more (${NUMBER.format(total - shown)})`);
}

function nodesTable() {
  const head = ["Node", "State", "Passed", "Failed", "Skipped", "Running"];
  const rows = store.model.nodes.slice(0, 1_000).map((node) => {
    const state = node.is_lost ? badge("aborted", "Lost") : node.joined !== undefined ? "joined" : "took part";
    const numbers = ["passed", "failed", "skipped", "running"].map((name) => el("td", { class: "amount" }, NUMBER.format(node.counts[name] ?? 0)));
    const facts = [node.reason && plain(node.reason), node.lost !== undefined && `lost ${moment(node.lost)}`];
    return el(
      "tr",
      { class: node.is_lost ? "is-lost" : undefined },
      el("th", { scope: "row" }, line(node.name), (node.properties ?? []).map(([name, value]) => el("div", { class: "aside" }, `${line(name)}: ${line(value)}`))),
      el("td", {}, state, facts.filter(Boolean).map((fact) => el("div", { class: "aside" }, fact))),
      numbers,
    );
  });
  return el(
    "div",
    { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Nodes", dataset: { keep: "nodes" } },
    el("table", { class: "grid" }, el("thead", {}, el("tr", {}, head.map((word, index) => el("th", { scope: "col", class: index > 1 ? "number" : undefined }, word)))), el("tbody", {}, rows)),
  );
}

function makeTabs() {
  const tabs = byId("tabs");
  for (const { id, word } of VIEWS) {
    tabs.append(
      el(
        "button",
        { type: "button", role: "tab", id: `tab-${id}`, class: "tab", "aria-controls": "panel", dataset: { view: id }, onclick: () => showView(id) },
        word,
        el("span", { class: "number" }),
      ),
    );
  }
  tabs.addEventListener("keydown", (event) => {
    const index = VIEWS.findIndex(({ id }) => id === filter.view);
    const last = VIEWS.length - 1;
    const moves = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last };
    if (!(event.key in moves)) return;
    event.preventDefault();
    showView(VIEWS[moves[event.key]].id);
    byId(`tab-${filter.view}`).focus();
  });
}

function renderTabs() {
  for (const { id, number } of VIEWS) {
    const tab = byId(`tab-${id}`);
    setAttribute(tab, "aria-selected", String(id === filter.view));
    setAttribute(tab, "tabindex", id === filter.view ? "0" : "-1");
    const amount = number?.() ?? 0;
    setText(tab.querySelector(".number"), amount > 0 ? ` ${NUMBER.format(amount)}` : "");
  }
  setAttribute(byId("panel"), "aria-labelledby", `tab-${filter.view}`);
}

function showView(id) {
  filter.view = id;
  writeHash();
  renderView();
}
