// The page: takes models and changes, shows them, and listens while the run goes on.

/** Takes a whole model (`isWhole`) or changes of one; keeps focus, scroll, filter and choice. */
function applyModel(update, isWhole = false) {
  take(update, isWhole);
  refresh();
}

let isAsked = false;

/** Shows what is known, once per frame however often it is asked for. */
function refresh() {
  if (isAsked || !store.model) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    renderHead();
    renderView();
    renderDetail();
    renderTimeline();
    document.documentElement.dataset.ready = "true";
  });
}

function showCount(number) {
  renderShown(number);
}

let shownView = null;

function renderView() {
  renderTabs();
  const panel = byId("panel");
  if (filter.view === "tests") {
    if (shownView !== "tests") panel.replaceChildren(...makeOnce());
    shownView = "tests";
    setAttribute(panel, "class", "panel-body is-tree");
    setAttribute(panel, "tabindex", undefined);
    showCount(renderTree());
    return;
  }
  setAttribute(panel, "class", "panel-body");
  setAttribute(panel, "tabindex", "0");
  const isOther = shownView !== filter.view;
  shownView = filter.view;
  replaceKept(panel, RENDER[filter.view]());
  if (isOther) panel.scrollTop = 0;
  showCount(store.order.reduce((number, item) => number + (passes(item) ? 1 : 0), 0));
}

let treeParts = null;

function makeOnce() {
  treeParts ??= makeTree();
  return treeParts;
}

/** Chooses an item: shows its details, and where it is. */
function choose(key, { reveal: brings = true, follow = false } = {}) {
  store.chosen = key;
  writeHash();
  if (filter.view === "tests") {
    if (brings) reveal(key);
    else paintTree();
  } else {
    for (const entry of byId("panel").querySelectorAll("[data-id]")) {
      setAttribute(entry, "aria-current", entry.dataset.id === key ? "true" : undefined);
    }
  }
  const pane = byId("detail");
  pane.source = undefined;
  pane.scrollTop = 0;
  renderDetail();
  renderTimeline();
  // On a narrow page the details are below what was clicked.
  const isBelow = pane.offsetTop > byId("view").offsetTop + 40;
  if (follow && isBelow) pane.scrollIntoView({ behavior: isCalm() ? "auto" : "smooth", block: "start" });
}

const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function sayConnection(text, look) {
  const place = byId("connection");
  place.hidden = false;
  setText(place, text);
  setAttribute(place, "data-look", look);
}

/** Listens to the server; the browser itself comes back when the connection breaks. */
function listen(address) {
  sayConnection("Connecting…", "wait");
  const source = new EventSource(address);
  source.addEventListener("open", () => sayConnection("Live", "live"));
  source.addEventListener("model", (event) => applyModel(JSON.parse(event.data), true));
  source.addEventListener("changes", (event) => applyModel(JSON.parse(event.data)));
  source.addEventListener("end", () => {
    source.close();
    store.ended = true;
    sayConnection("Ended", "over");
    refresh();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) sayConnection("Connection lost", "lost");
    else sayConnection("Connection lost, trying again…", "wait");
  });
  // Bars of running tests grow.
  setInterval(() => {
    if (!store.model?.counts?.running || store.ended || document.hidden) return;
    measure();
    timeline.order = null;
    renderTimeline();
  }, 1_000);
}

function start() {
  makeTabs();
  startFilter();
  startTimeline();
  readHash();
  const data = JSON.parse(byId("data").textContent);
  if (data) {
    take(data, true);
    // What failed first is what most people came for.
    store.chosen ??= store.order.find((item) => STATUS[item.status].verdict === "failed")?.key ?? null;
    refresh();
    if (store.chosen) requestAnimationFrame(() => filter.view === "tests" && reveal(store.chosen));
  }
  if (store.live) {
    take({ run: { names: [], expected: 0, is_over: false }, counts: {}, never_ran: { count: 0, names: [] }, nodes: [], suites: [], errors: [], lifecycles: [], cases: [] }, true);
    refresh();
    listen(store.live);
  }
}

start();
