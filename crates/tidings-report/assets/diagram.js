// State diagrams: laid out in layers, drawn as SVG, and told again as a table.

const LETTER = 6.6;
const BOX = 24;
const GAP_X = 26;
const GAP_Y = 46;

/** The diagram of a text as `Diagram` writes it; none for any other Mermaid. */
function readMermaid(text) {
  const lines = text.split("\n").map((part) => part.trim()).filter((part) => part !== "");
  if (lines.shift() !== "stateDiagram-v2") return null;
  const states = new Map();
  const diagram = { states: [], edges: [], current: null };
  for (const part of lines.slice(0, 5_000)) {
    const named = /^state "(.*)" as (\w{1,20})$/.exec(part);
    const arrow = /^(\w{1,20}|\[\*\]) --> (\w{1,20}|\[\*\])$/.exec(part);
    const marked = /^class (\w{1,20}) current$/.exec(part);
    if (named) {
      states.set(named[2], diagram.states.length);
      const name = named[1].replace(/#(\d{1,7});/g, (all, code) => (code <= 0x10ffff ? String.fromCodePoint(Number(code)) : all));
      diagram.states.push({ name: line(name) });
    } else if (arrow) {
      const [from, to] = [states.get(arrow[1]), states.get(arrow[2])];
      if (from !== undefined && to !== undefined) diagram.edges.push([from, to, null]);
      else if (to !== undefined) diagram.states[to].first = true;
      else if (from !== undefined) diagram.states[from].last = true;
    } else if (marked) diagram.current = states.get(marked[1]) ?? null;
    else if (!part.startsWith("classDef ")) return null;
  }
  return diagram.states.length > 0 && diagram.states.length <= 200 ? diagram : null;
}

/** Puts states into layers: each below the first that leads to it. */
function layersOf({ states, edges }) {
  const next = states.map(() => []);
  for (const [from, to] of edges) if (from !== to) next[from].push(to);
  const layer = states.map(() => -1);
  let wave = states.map((_, index) => index).filter((index) => states[index].first);
  if (wave.length === 0) wave = [0];
  const visit = (start, depth) => {
    for (let now = start; now.length > 0; depth += 1) {
      const following = [];
      for (const index of now) {
        if (layer[index] >= 0) continue;
        layer[index] = depth;
        following.push(...next[index].filter((to) => layer[to] < 0));
      }
      now = following;
    }
  };
  visit(wave, 0);
  states.forEach((_, index) => layer[index] < 0 && visit([index], 0));
  const layers = [];
  layer.forEach((depth, index) => (layers[depth] ??= []).push(index));
  return layers.filter((members) => members);
}

function boxesOf(diagram) {
  const layers = layersOf(diagram);
  const boxes = [];
  const widths = layers.map((members) => {
    const width = members.map((index) => Math.min(labelOf(diagram.states[index]).length, 40) * LETTER + 24);
    return { width, sum: width.reduce((sum, one) => sum + one + GAP_X, -GAP_X) };
  });
  const total = Math.max(...widths.map(({ sum }) => sum), 60);
  layers.forEach((members, depth) => {
    let x = (total - widths[depth].sum) / 2;
    members.forEach((index, place) => {
      const width = widths[depth].width[place];
      boxes[index] = { x, y: depth * (BOX + GAP_Y), width, depth };
      x += width + GAP_X;
    });
  });
  return { boxes, width: total, height: layers.length * (BOX + GAP_Y) - GAP_Y };
}

function labelOf(state) {
  const name = state.name.length > 32 ? `${state.name.slice(0, 31)}…` : state.name;
  return state.times === undefined ? name : `${name}  ${NUMBER.format(state.times)}`;
}

/** The way of an arrow: down, up around, sideways, or back to itself. */
function wayOf(a, b, isBoth) {
  const [ax, bx] = [a.x + a.width / 2, b.x + b.width / 2];
  if (a === b) {
    const [x, y] = [a.x + a.width, a.y + BOX / 2];
    return { d: `M${x},${y - 5} c22,-12 22,22 2,10`, x: x + 18, y: y + 4 };
  }
  if (b.depth > a.depth) {
    const shift = isBoth ? 10 : 0;
    const [y1, y2] = [a.y + BOX, b.y - 3];
    const bend = (y2 - y1) / 2;
    const side = b.depth - a.depth > 1 ? 26 : 0;
    return {
      d: `M${ax + shift},${y1} C${ax + shift + side},${y1 + bend} ${bx + shift + side},${y2 - bend} ${bx + shift},${y2}`,
      x: (ax + bx) / 2 + shift + side * 0.75 + 4,
      y: (y1 + y2) / 2 + 3,
    };
  }
  if (b.depth < a.depth) {
    const [y1, y2] = [a.y, b.y + BOX + 3];
    const [from, to] = [ax - 10, bx - 10];
    const side = -18 - 14 * (a.depth - b.depth);
    return {
      d: `M${from},${y1} C${from + side},${y1 - 16} ${to + side},${y2 + 16} ${to},${y2}`,
      x: (from + to) / 2 + side * 0.75 - 4,
      y: (y1 + y2) / 2 + 3,
      anchor: "end",
    };
  }
  const right = bx > ax;
  const y = a.y + BOX / 2;
  const [x1, x2] = right ? [a.x + a.width, b.x - 3] : [a.x, b.x + b.width + 3];
  const lift = Math.abs(x2 - x1) > GAP_X + 4 ? BOX + 8 : isBoth ? 9 : 0;
  return { d: `M${x1},${y} Q${(x1 + x2) / 2},${y + (right ? -lift : lift)} ${x2},${y}`, x: (x1 + x2) / 2, y: y + (right ? -lift / 2 - 4 : lift / 2 + 11), anchor: "middle" };
}

let diagrams = 0;

function drawDiagram(diagram, title) {
  const { boxes, width, height } = boxesOf(diagram);
  diagrams += 1;
  const arrow = `arrow${diagrams}`;
  const isEdge = new Set(diagram.edges.map(([from, to]) => `${from}-${to}`));
  const lines = [];
  const labels = [];
  for (const [from, to, times] of diagram.edges) {
    const way = wayOf(boxes[from], boxes[to], isEdge.has(`${to}-${from}`));
    lines.push(svg("path", { class: "edge", d: way.d, "marker-end": `url(#${arrow})` }));
    if (times !== null) labels.push(svg("text", { class: "edge-label", x: way.x, y: way.y, "text-anchor": way.anchor ?? "start" }, NUMBER.format(times)));
  }
  const nodes = diagram.states.map((state, index) => {
    const { x, y, width: wide } = boxes[index];
    const looks = ["state", state.first && "is-first", state.last && "is-last", diagram.current === index && "is-current", stateLook(state.name)];
    return svg(
      "g",
      { class: looks.filter(Boolean).join(" ") },
      svg("title", {}, state.name),
      svg("rect", { x, y, width: wide, height: BOX, rx: BOX / 2 }),
      svg("text", { x: x + wide / 2, y: y + BOX / 2 + 4, "text-anchor": "middle" }, labelOf(state)),
    );
  });
  const margin = 70;
  const drawing = svg(
    "svg",
    { class: "diagram", role: "img", "aria-label": `State diagram: ${title}`, viewBox: `${-margin} -12 ${width + 2 * margin} ${height + 24}`, width: width + 2 * margin, height: height + 24 },
    svg("defs", {}, svg("marker", { id: arrow, viewBox: "0 0 8 8", refX: "6", refY: "4", markerWidth: "7", markerHeight: "7", orient: "auto" }, svg("path", { class: "arrow", d: "M0,0.6 L7,4 L0,7.4 z" }))),
    lines,
    nodes,
    labels,
  );
  return el("div", { class: "diagram-box" }, el("div", { class: "diagram-scroll", tabindex: "0", role: "region", "aria-label": `Diagram of ${title}` }, drawing), edgesTable(diagram, title));
}

function stateLook(name) {
  if (/(^|[._ ])(failed|failure|lost|error|aborted|crashed)$/i.test(name)) return "is-bad";
  if (/(^|[._ ])(finished|completed|done|passed|success|succeeded)$/i.test(name)) return "is-good";
  return null;
}

function edgesTable(diagram, title) {
  const rows = diagram.edges.map(([from, to, times]) =>
    el(
      "tr",
      {},
      el("td", {}, diagram.states[from].name),
      el("td", {}, diagram.states[to].name),
      el("td", { class: "amount" }, times === null ? "" : NUMBER.format(times)),
    ),
  );
  const ends = diagram.states.filter((state) => state.first || state.last).map((state) => {
    const parts = [];
    if (state.first) parts.push(state.first === true ? "first" : `first ${count(state.first, "time")}`);
    if (state.last) parts.push(state.last === true ? "last" : `last ${count(state.last, "time")}`);
    return el("li", {}, `${state.name}: ${parts.join(", ")}`);
  });
  return block(
    "As a table",
    `edges-${title}`,
    false,
    el("table", { class: "grid" }, el("thead", {}, el("tr", {}, ["From", "To", "Times"].map((word, index) => el("th", { scope: "col", class: index > 1 ? "number" : undefined }, word)))), el("tbody", {}, rows)),
    el("ul", { class: "plain" }, ends),
  );
}

function diagramsView() {
  const { lifecycles } = store.model;
  const drawn = lifecycles.filter((it) => it.kind !== undefined && it.states.length > 0);
  const others = lifecycles.filter((it) => it.kind === undefined);
  return [
    el("h3", {}, "What happened to what"),
    el("p", { class: "note" }, "Per kind of entity: which event followed which, and how often. The number beside a name is how often it happened."),
    drawn.length === 0 && el("p", { class: "note" }, "No events are known here."),
    drawn.map((it) => {
      const kind = line(it.kind);
      const states = it.states.map((state) => ({ ...state, name: line(state.name) }));
      return el(
        "section",
        { class: "lifecycle", "aria-label": `Lifecycle of ${kind}` },
        el("h4", {}, kind, el("span", { class: "aside" }, ` ${NUMBER.format(it.entities)} followed`)),
        drawDiagram({ states, edges: it.edges, current: null }, kind),
        it.left_out > 0 && el("p", { class: "note" }, `${count(it.left_out, "event")} left out: more than can be followed.`),
      );
    }),
    others.map((it) => el("p", { class: "note" }, `${count(it.left_out, "event")} of further kinds left out.`)),
    attachedDiagrams(),
  ];
}

/** Diagrams that the run itself, its suites and its tests attached. */
function attachedDiagrams() {
  const notes = [
    ...(store.model.run.notes ?? []).map((note) => ["the run", note]),
    ...[...store.suites.values()].flatMap((suite) => (suite.notes ?? []).map((note) => [suite.name, note])),
    ...store.order.filter((item) => item.model.notes?.attachments).map((item) => [item.name, item.model.notes]),
  ];
  const found = [];
  for (const [owner, note] of notes) {
    for (const { media_type: type, base64, name } of note.attachments ?? []) {
      if (type !== DIAGRAM || base64 === undefined || found.length >= 50) continue;
      const diagram = readMermaid(new TextDecoder().decode(fromBase64(base64) ?? new Uint8Array()));
      if (diagram) found.push(el("section", { class: "lifecycle", "aria-label": line(name) }, el("h4", {}, line(name), el("span", { class: "aside" }, ` of ${owner}`)), drawDiagram(diagram, line(name))));
    }
  }
  return found.length > 0 && [el("h3", {}, "Attached diagrams"), found];
}
