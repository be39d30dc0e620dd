// What is known: the model, items by their keys, and what follows from both.

const store = {
  model: null,
  /** All items by key: cases (`c12`) and errors that are no cases (`e…`). */
  items: new Map(),
  suites: new Map(),
  nodes: new Map(),
  /** Items in order of time. */
  order: [],
  chosen: null,
  live: document.documentElement.dataset.live ?? null,
};

const LISTS = ["run", "counts", "never_ran", "nodes", "suites", "errors", "lifecycles"];

/** Takes a whole model, or the changes of one. */
function take(update, isWhole) {
  if (isWhole || !store.model) {
    store.model = { cases: [] };
    store.items = new Map();
  }
  for (const name of LISTS) {
    if (update[name] !== undefined) store.model[name] = update[name];
  }
  if (update.nodes) store.nodes = new Map(update.nodes.map((node) => [node.key, node]));
  if (update.suites) takeSuites(update.suites);
  (update.cases ?? []).forEach((model, index) => takeCase(model, model.number ?? index));
  if (update.errors) takeErrors(update.errors);
  store.order = [...store.items.values()].sort((one, other) => one.start - other.start);
  measure();
}

function takeSuites(suites) {
  store.suites = new Map();
  for (const suite of suites) {
    const ids = suite.path.map(([, id]) => line(id));
    const name = ids.at(-1) ?? "";
    store.suites.set(suite.key ?? "", { ...suite, key: suite.key ?? "", ids, name, kind: suite.path.at(-1)?.[0] ?? "" });
  }
}

function takeCase(model, number) {
  const key = `c${number}`;
  const suite = store.suites.get(model.suite ?? "");
  const said = (model.attempts ?? []).flatMap(({ failure, reason }) => [failure?.message ?? "", reason ?? ""]);
  const name = line(model.name);
  store.items.set(key, {
    key,
    isCase: true,
    model,
    name,
    suite: model.suite ?? "",
    status: statusOf(model),
    flaky: model.flaky === true,
    start: model.started,
    node: model.node,
    lane: model.lane,
    seconds: model.duration_s,
    message: firstLine(lastAttempt(model)?.failure?.message ?? lastAttempt(model)?.reason),
    words: [name, ...(suite?.ids ?? []), ...said.map(plain)].join("\n").toLowerCase(),
  });
}

function takeErrors(errors) {
  for (const key of store.items.keys()) {
    if (key.startsWith("e")) store.items.delete(key);
  }
  const seen = new Map();
  for (const model of errors) {
    const name = line(model.name ?? model.entity.at(-1)?.[1] ?? "error");
    const base = `e${model.at}-${model.suite ?? ""}-${name.slice(0, 40)}`;
    const times = (seen.get(base) ?? 0) + 1;
    seen.set(base, times);
    const key = times > 1 ? `${base}-${times}` : base;
    const suite = store.suites.get(model.suite ?? "");
    store.items.set(key, {
      key,
      isCase: false,
      model,
      name,
      suite: model.suite ?? "",
      status: "error",
      flaky: false,
      start: model.at,
      node: model.node,
      seconds: model.duration_s,
      message: firstLine(model.failure.message),
      words: [name, ...(suite?.ids ?? []), plain(model.failure.message)].join("\n").toLowerCase(),
    });
  }
}

function lastAttempt(model) {
  return model.attempts?.at(-1);
}

/** When each case ended, as far as that is known; one that runs lasts until now. */
function measure() {
  let latest = -Infinity;
  for (const item of store.order) {
    const { ended, duration_s: seconds } = item.model;
    item.end = ended ?? (seconds === undefined ? item.start : item.start + seconds * 1000);
    item.end = Math.max(item.end, item.start);
    latest = Math.max(latest, item.end);
  }
  const now = store.live && !store.model.run?.is_over ? Math.max(latest, Date.now()) : latest;
  for (const item of store.order) {
    if (item.status === "running") item.end = Math.max(now, item.start);
  }
}

function suiteOf(item) {
  return store.suites.get(item.suite);
}

/** The names around an item, outermost first. */
function placeOf(item) {
  return (suiteOf(item)?.ids ?? []).join(" › ");
}

function nodeName(key) {
  return line(store.nodes.get(key)?.name ?? "");
}
