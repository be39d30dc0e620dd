// The head of the page: outcome, counts, progress and the buttons that filter.

const isOver = () => store.model.run.is_over || (store.ended ?? false);

function outcome() {
  const { counts, run } = store.model;
  const failed = counts.failed ?? 0;
  if (store.live && !isOver()) {
    return failed > 0 ? { word: "Running, failing", look: "failure" } : { word: "Running", look: "running" };
  }
  if (failed > 0 || STATUS[run.status]?.verdict === "failed") return { word: "Failed", look: "failure" };
  if (!run.status || counts.running) return { word: "Incomplete", look: "timed_out" };
  if (!counts.total) return { word: "Nothing ran", look: "skipped" };
  if (!counts.passed) return { word: "All skipped", look: "skipped" };
  return { word: "Passed", look: "success" };
}

function renderHead() {
  const { counts, run, never_ran: neverRan, nodes } = store.model;
  const { word, look } = outcome();
  const name = line(run.names.join(", ")) || "Test run";
  const title = `${STATUS[look].glyph} ${word} · ${name}`;
  if (document.title !== title) document.title = title;
  setText(byId("title"), name);
  const place = byId("outcome");
  setAttribute(place, "class", `outcome s-${look}`);
  setText(place, `${STATUS[look].glyph} ${word}`);
  const facts = [count(counts.total ?? 0, "result")];
  if (counts.error_items) facts.push(`${count(counts.error_items, "error")} outside of tests`);
  if (run.duration_s !== undefined) facts.push(duration(run.duration_s));
  if (run.started !== undefined) facts.push(`started ${moment(run.started)}`);
  facts.push(nodes.length === 1 ? `on ${line(nodes[0].name)}` : count(nodes.length, "node"));
  const lost = nodes.filter((node) => node.is_lost).length;
  if (lost > 0) facts.push(`${count(lost, "node")} lost`);
  if (!run.status && !store.live) facts.push("the end of the run was not seen");
  if (run.unreadable) facts.push(`${count(run.unreadable, "event")} could not be read`);
  if (neverRan.count > 0) facts.push(`${NUMBER.format(neverRan.count)} never ran`);
  setText(byId("facts"), facts.join("  ·  "));
  renderBar(counts, run);
  renderProgress(counts, run);
  renderToggles(counts);
}

function renderBar(counts, run) {
  const parts = ["failed", "running", "passed", "skipped"].filter((verdict) => counts[verdict]);
  const done = (counts.total ?? 0) + (counts.running ?? 0);
  const rest = Math.max(0, run.expected + (counts.error_items ?? 0) - done);
  const bar = byId("bar");
  const words = parts.map((verdict) => `${NUMBER.format(counts[verdict])} ${verdict}`);
  if (rest > 0) words.push(`${NUMBER.format(rest)} not run`);
  setAttribute(bar, "aria-label", words.join(", ") || "nothing yet");
  bar.replaceChildren();
  for (const verdict of parts) {
    const part = el("span", { class: `fill v-${verdict}` });
    part.style.flexGrow = String(counts[verdict]);
    bar.append(part);
  }
  if (rest > 0) {
    const part = el("span", { class: "fill v-rest" });
    part.style.flexGrow = String(rest);
    bar.append(part);
  }
}

function renderProgress(counts, run) {
  const place = byId("progress");
  const isRunning = Boolean(store.live) && !isOver();
  place.hidden = !isRunning;
  if (!isRunning) return;
  const cases = (counts.total ?? 0) - (counts.error_items ?? 0);
  const parts = [`${NUMBER.format(cases)} of ${NUMBER.format(run.expected)} done`];
  if (counts.running) parts.push(`${NUMBER.format(counts.running)} running`);
  if (run.progress?.message) parts.push(line(run.progress.message));
  setText(place, parts.join("  ·  "));
}

function renderToggles(counts) {
  const numbers = new Map(STATUSES.map((status) => [status, counts.by_status?.[status] ?? 0]));
  numbers.set("running", counts.running ?? 0);
  numbers.set("flaky", counts.flaky ?? 0);
  const group = byId("toggles");
  for (const [status, number] of numbers) {
    let button = group.querySelector(`[data-status="${status}"]`);
    const isPressed = filter.statuses.has(status);
    const isNeeded = number > 0 || isPressed;
    if (!button && isNeeded) button = addToggle(group, status, [...numbers.keys()]);
    if (!button) continue;
    button.hidden = !isNeeded;
    setAttribute(button, "aria-pressed", String(isPressed));
    setText(button.querySelector(".number"), NUMBER.format(number));
  }
}

function addToggle(group, status, order) {
  const word = status === "flaky" ? "Flaky" : STATUS[status].word;
  const mark = status === "flaky" ? "↻" : STATUS[status].glyph;
  const button = el(
    "button",
    { type: "button", class: `toggle s-${status}`, dataset: { status }, onclick: () => toggleStatus(status) },
    el("span", { class: "glyph", "aria-hidden": "true" }, mark),
    el("span", { class: "word" }, word),
    el("span", { class: "number" }, "0"),
  );
  const later = order.slice(order.indexOf(status) + 1);
  const next = later.map((id) => group.querySelector(`[data-status="${id}"]`)).find((found) => found);
  group.insertBefore(button, next ?? null);
  return button;
}

function renderShown(number) {
  const all = store.order.length;
  const text = isFiltering() ? `${NUMBER.format(number)} of ${NUMBER.format(all)} shown` : "";
  setText(byId("shown"), text);
}
