// What is shown: by status, by text, and by the fragment of the address, which says the same.

const filter = { statuses: new Set(), query: "", terms: [], view: "tests" };

const isFiltering = () => filter.statuses.size > 0 || filter.terms.length > 0;

function passes(item) {
  if (filter.statuses.size > 0) {
    const isIn = filter.statuses.has(item.status) || (item.flaky && filter.statuses.has("flaky"));
    if (!isIn) return false;
  }
  return filter.terms.every((term) => item.words.includes(term));
}

function setQuery(query) {
  filter.query = query.slice(0, 500);
  filter.terms = filter.query.toLowerCase().split(/\s+/).filter((term) => term !== "");
}

function toggleStatus(status) {
  if (!filter.statuses.delete(status)) filter.statuses.add(status);
  writeHash();
  refresh();
}

function readHash() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const wanted = (fragment.get("status") ?? "").split(",");
  filter.statuses = new Set(wanted.filter((status) => status === "flaky" || Object.hasOwn(STATUS, status)));
  setQuery(fragment.get("q") ?? "");
  const view = fragment.get("view") ?? "tests";
  filter.view = VIEWS.some((known) => known.id === view) ? view : "tests";
  const chosen = fragment.get("case");
  store.chosen = chosen === null ? store.chosen : chosen;
  const input = byId("query");
  if (input.value !== filter.query) input.value = filter.query;
}

function writeHash() {
  const fragment = new URLSearchParams();
  if (filter.statuses.size > 0) fragment.set("status", [...filter.statuses].join(","));
  if (filter.query !== "") fragment.set("q", filter.query);
  if (filter.view !== "tests") fragment.set("view", filter.view);
  if (store.chosen) fragment.set("case", store.chosen);
  const text = fragment.toString();
  // Some browsers refuse this to files; the page works without it.
  try {
    history.replaceState(null, "", text === "" ? location.pathname + location.search : `#${text}`);
  } catch {
    return;
  }
}

let typing = 0;

function startFilter() {
  const input = byId("query");
  input.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      setQuery(input.value);
      writeHash();
      refresh();
    }, store.order.length > 5000 ? 120 : 20);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && input.value !== "") {
      event.preventDefault();
      input.value = "";
      input.dispatchEvent(new Event("input"));
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      focusTree();
    }
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  addEventListener("hashchange", () => {
    // The link that skips to the tests is no filter.
    if (location.hash === "#view") return;
    readHash();
    refresh();
  });
}
