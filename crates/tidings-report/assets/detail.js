// The chosen item: why it failed, what was expected, what it wrote.

function renderDetail() {
  const pane = byId("detail");
  const key = store.chosen ?? "";
  const item = store.items.get(key);
  const suite = key.startsWith("s") ? store.suites.get(key.slice(1)) : undefined;
  const source = item ?? suite ?? null;
  if (pane.source === source && source !== null) return;
  pane.source = source;
  setAttribute(pane, "data-chosen", source ? key : undefined);
  if (item) replaceKept(pane, item.isCase ? caseDetail(item) : errorDetail(item));
  else if (suite) replaceKept(pane, suiteDetail(suite));
  else replaceKept(pane, emptyDetail());
}

function emptyDetail() {
  const notes = store.model.run.notes ?? [];
  return [
    el("h2", { id: "detail-title", class: "detail-title" }, "Details"),
    el("p", { class: "note" }, "Choose a test to see why it failed, what it wrote and how long it took."),
    notes.length > 0 && el("h3", {}, "The run itself"),
    notes.map((note, index) => notesBlocks(note, `run${index}`, false)),
  ];
}

function titled(status, name, place) {
  return [
    place && el("p", { class: "crumbs" }, place),
    el("h2", { id: "detail-title", class: "detail-title" }, name),
    status && badge(status),
  ];
}

function facts(pairs) {
  const told = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return el("dl", { class: "facts-list" }, told.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function caseDetail(item) {
  const { model } = item;
  const tags = [item.flaky && "flaky", model.late && "came late", model.synthetic && "end made up"];
  const attempts = model.attempts ?? [];
  const last = attempts.at(-1);
  const hasFailed = STATUS[item.status].verdict === "failed";
  return [
    titled(item.status, item.name, placeOf(item)),
    tags.filter(Boolean).map((tag) => el("span", { class: "tag" }, tag)),
    facts([
      ["Duration", duration(item.seconds)],
      ["Started", moment(item.start)],
      ["Node", nodeName(item.node)],
      ["Lane", String(item.lane)],
      ["Run of this test", model.repeat ? String(model.repeat) : ""],
      ["Attempts", attempts.length > 1 ? String(attempts.length) : ""],
      ["Defined at", place(model.location)],
      ["Fingerprint", line(model.fingerprint ?? "")],
    ]),
    last?.reason && el("p", { class: "reason" }, skipWords(last, item.status), plain(last.reason)),
    !last?.reason && last?.skipped_by && el("p", { class: "reason" }, skipWords(last, item.status)),
    last?.failure && failureView(last.failure, "last"),
    attempts.length > 1 && earlierAttempts(attempts),
    stepsView(model),
    notesBlocks(model.notes, item.key, hasFailed || item.flaky),
  ];
}

function skipWords(attempt, status) {
  const who = { user: "by choice", automatic: "automatically", other: "" }[attempt.skipped_by];
  if (who === undefined) return "";
  const words = [STATUS[status].verdict === "skipped" ? STATUS[status].word : "Skipped", who].filter(Boolean).join(" ");
  return attempt.reason ? `${words}: ` : `${words}.`;
}

function failureView(failure, keep) {
  const { expected, actual } = failure;
  const message = plain(failure.message).trim();
  const details = plain(failure.details ?? "").trim();
  const hasBoth = expected !== undefined && actual !== undefined;
  const one = expected ?? actual;
  return el(
    "section",
    { class: "failure", "aria-label": "Failure" },
    el("p", { class: "failure-head" }, failure.class && el("span", { class: "class" }, line(failure.class)), kindWord(failure.kind), failure.location && el("span", { class: "path" }, place(failure.location))),
    message !== "" && el("pre", { class: "failure-message", tabindex: "0", role: "region", "aria-label": "Message", dataset: { keep: `${keep}-message` } }, message),
    hasBoth && diffTable(expected, actual, `${keep}-diff`),
    !hasBoth && one !== undefined && block(expected !== undefined ? "Expected" : "Actual", `${keep}-one`, true, pre(one, "Value", `${keep}-one-text`)),
    (failure.causes ?? []).length > 0 &&
      el(
        "div",
        { class: "causes" },
        el("h3", {}, "Caused by"),
        el("ol", {}, failure.causes.map((cause) => el("li", {}, cause.class && el("span", { class: "class" }, line(cause.class)), plain(cause.message)))),
      ),
    details !== "" && details !== message && block("Details", `${keep}-details`, true, pre(details, "Details", `${keep}-details-text`)),
  );
}

function kindWord(kind) {
  const words = { assertion: "assertion", timeout: "timeout", setup: "in its setup", teardown: "in its teardown" };
  return words[kind] && el("span", { class: "tag" }, words[kind]);
}

function earlierAttempts(attempts) {
  return el(
    "div",
    {},
    el("h3", {}, "Attempts"),
    attempts.slice(0, -1).map((attempt) =>
      el(
        "details",
        { class: "block", open: attempts.length === 2, dataset: { keep: `attempt${attempt.number}` } },
        el("summary", {}, `Attempt ${attempt.number} `, badge(statusOf(attempt)), el("span", { class: "aside" }, ` ${duration(attempt.duration_s)}`)),
        attempt.reason && el("p", { class: "reason" }, plain(attempt.reason)),
        attempt.failure && failureView(attempt.failure, `attempt${attempt.number}`),
      ),
    ),
  );
}

function stepsView(model) {
  if (!model.steps) return null;
  const isMany = new Set(model.steps.map((step) => step.attempt)).size > 1;
  const rows = model.steps.map((step) => {
    const status = statusOf(step);
    const item = el(
      "li",
      { class: "step" },
      glyph(status),
      el("span", { class: "step-name" }, line(step.path.at(-1) ?? "")),
      isMany && el("span", { class: "tag" }, `attempt ${step.attempt}`),
      el("span", { class: "amount" }, duration(step.duration_s)),
      step.failure && el("p", { class: "step-failure" }, plain(step.failure.message)),
    );
    item.style.setProperty("--level", String(Math.min(Math.max(step.path.length - 1, 0), 8)));
    return item;
  });
  return [
    el("h3", {}, "Steps"),
    el("ol", { class: "steps" }, rows),
    model.steps_dropped && el("p", { class: "note" }, `${count(model.steps_dropped, "more step")} not kept`),
  ];
}

function errorDetail(item) {
  return [
    titled("error", item.name, item.model.entity.map(([kind, id]) => `${line(kind)} ${line(id)}`).join(" › ")),
    el("p", { class: "note" }, "An error that is no test; it counts as one failed result."),
    facts([["Duration", duration(item.seconds)], ["When", moment(item.start)], ["Node", nodeName(item.node)]]),
    failureView(item.model.failure, "error"),
  ];
}

function suiteDetail(suite) {
  const { counts } = suite;
  const numbers = ["passed", "failed", "skipped", "running", "flaky"].filter((name) => counts[name]);
  return [
    titled(suite.status ?? (suite.is_open ? "running" : null), suite.name, suite.ids.slice(0, -1).join(" › ")),
    facts([
      ["Kind", line(suite.kind)],
      ["Results", numbers.map((name) => `${NUMBER.format(counts[name])} ${name}`).join(", ")],
      ["Duration", duration(suite.duration_s)],
      ["Its own tests together", duration(suite.cases_s)],
      ["Started", moment(suite.started)],
      ["Defined at", place(suite.location)],
    ]),
    suite.failure && failureView(suite.failure, "suite"),
    (suite.notes ?? []).map((notes, index) => notesBlocks(notes, `suite${index}`, true)),
  ];
}
