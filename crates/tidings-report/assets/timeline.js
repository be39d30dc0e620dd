// The timeline: a bar per test, on a canvas; what has the focus is said in words.

const BAR = 12;
const PITCH = 14;
const LANE_GAP = 5;
const NODE_HEAD = 17;
const AXIS = 20;
const ROWS_PER_LANE_MAX = 200;

const timeline = {
  lanes: [],
  bars: new Map(),
  height: 0,
  order: null,
  all: [0, 1],
  view: null,
  focus: null,
  colours: {},
  gutter: 96,
};

/** Lanes by node and number; what overlaps on one lane is packed into rows. */
function layOut() {
  const lanes = new Map();
  for (const item of store.order) {
    if (!item.isCase) continue;
    const key = `${item.node}/${item.lane}`;
    if (!lanes.has(key)) lanes.set(key, { node: item.node, number: item.lane, items: [] });
    lanes.get(key).items.push(item);
  }
  const nodeOrder = new Map([...store.nodes.keys()].map((key, index) => [key, index]));
  timeline.lanes = [...lanes.values()].sort((a, b) => nodeOrder.get(a.node) - nodeOrder.get(b.node) || a.number - b.number);
  timeline.bars = new Map();
  let y = 0;
  let node = null;
  timeline.lanes.forEach((lane, index) => {
    if (lane.node !== node) {
      node = lane.node;
      lane.headY = y;
      y += NODE_HEAD;
    }
    lane.y = y;
    const ends = [];
    for (const item of lane.items) {
      let row = ends.findIndex((end) => end <= item.start);
      if (row < 0) row = Math.min(ends.length, ROWS_PER_LANE_MAX - 1);
      ends[row] = Math.max(item.end, ends[row] ?? 0);
      timeline.bars.set(item.key, { item, lane: index, place: timeline.bars.size, y: y + row * PITCH });
    }
    lane.height = Math.max(1, ends.length) * PITCH;
    y += lane.height + LANE_GAP;
  });
  timeline.height = y;
  const starts = store.order.filter((item) => item.isCase);
  const from = starts[0]?.start ?? 0;
  const to = starts.reduce((latest, item) => Math.max(latest, item.end), from);
  timeline.all = [from, Math.max(to, from + 0.001)];
  if (!timeline.bars.has(timeline.focus)) timeline.focus = null;
}

const range = () => timeline.view ?? timeline.all;

function xOf(time) {
  const [from, to] = range();
  return timeline.gutter + ((time - from) / (to - from)) * (timeline.width - timeline.gutter - 8);
}

function timeOf(x) {
  const [from, to] = range();
  return from + ((x - timeline.gutter) / (timeline.width - timeline.gutter - 8)) * (to - from);
}

function renderTimeline() {
  if (timeline.order !== store.order) layOut();
  timeline.order = store.order;
  const { bars, lanes } = timeline;
  byId("timeline").hidden = bars.size === 0;
  if (bars.size === 0) return;
  const nodes = new Set(lanes.map((lane) => lane.node)).size;
  const words = [count(bars.size, "test"), count(lanes.length, "lane"), count(nodes, "node"), duration((timeline.all[1] - timeline.all[0]) / 1000)];
  const view = byId("timeline-view");
  setAttribute(view, "aria-label", `Timeline: ${words.join(", ")}`);
  setAttribute(view, "data-bars", bars.size);
  const readout = byId("timeline-readout");
  if (timeline.focus === null) setText(readout, words.join("  ·  "));
  byId("timeline-size").style.height = `${timeline.height + AXIS}px`;
  byId("timeline-scroll").style.height = `${timeline.height + AXIS + 2}px`;
  const table = byId("timeline-table");
  if (!table.hidden) replaceKept(table, lanesTable());
  paintTimeline();
}

function paintTimeline() {
  const scroll = byId("timeline-scroll");
  const canvas = byId("timeline-canvas");
  const [width, height] = [scroll.clientWidth, scroll.clientHeight];
  if (width === 0 || height === 0) return;
  timeline.width = width;
  timeline.gutter = width < 520 ? 44 : 112;
  const scale = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  }
  byId("timeline-view").style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `11px ${timeline.colours.font}`;
  context.textBaseline = "middle";
  paintLanes(context, width, height, scroll.scrollTop);
  paintGrid(context, width, height);
  paintBars(context, width, height, scroll.scrollTop);
  paintAxis(context, width);
  placeMark(scroll.scrollTop);
}

function paintLanes(context, width, height, top) {
  const { colours, gutter } = timeline;
  for (const lane of timeline.lanes) {
    const y = lane.y - top + AXIS;
    if (lane.headY !== undefined) {
      context.fillStyle = colours.soft;
      context.fillText(shorten(context, nodeName(lane.node), width - 20), 8, lane.headY - top + AXIS + NODE_HEAD / 2);
    }
    if (y > height || y + lane.height < 0) continue;
    context.fillStyle = colours.lane;
    context.fillRect(gutter, y - 1, width - gutter - 8, lane.height);
    context.fillStyle = colours.soft;
    const word = gutter > 60 ? `lane ${lane.number}` : String(lane.number);
    context.fillText(word, 8, y + PITCH / 2 - 1);
  }
}

function paintBars(context, width, height, top) {
  const { colours, gutter } = timeline;
  const filtering = isFiltering();
  const right = width - 8;
  context.save();
  context.beginPath();
  context.rect(gutter, 0, right - gutter, height);
  context.clip();
  // What failed comes last, so that nothing covers it.
  const isBad = ({ item }) => STATUS[item.status].verdict === "failed" || item.flaky;
  const bars = [...timeline.bars.values()];
  for (const bar of [...bars.filter((it) => !isBad(it)), ...bars.filter(isBad)]) {
    const { item } = bar;
    const y = bar.y - top + AXIS;
    if (y > height || y < -PITCH) continue;
    const [from, to] = [xOf(item.start), xOf(item.end)];
    if (to < gutter - 2 || from > right) continue;
    const wide = Math.max(to - from - (to - from > 4 ? 1 : 0), isBad(bar) ? 2.5 : 1.5);
    const look = item.flaky ? "flaky" : item.status;
    context.globalAlpha = filtering && !passes(item) ? 0.15 : 1;
    context.fillStyle = colours[look];
    context.fillRect(from, y, wide, BAR);
    if (wide > 46) {
      context.fillStyle = colours.onBar;
      const left = Math.max(from, gutter) + 4;
      context.fillText(shorten(context, item.name, Math.min(to, right) - left - 4), left, y + BAR / 2 + 0.5);
    }
  }
  context.globalAlpha = 1;
  const chosen = timeline.bars.get(store.chosen);
  if (chosen) {
    const [from, to] = [xOf(chosen.item.start), xOf(chosen.item.end)];
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.strokeRect(from - 2, chosen.y - top + AXIS - 2, Math.max(to - from, 2) + 4, BAR + 4);
  }
  context.restore();
}

/** Calls for every tick of the axis with its place and its time since the beginning. */
function ticks(width, tell) {
  const [from, to] = range();
  const wanted = (to - from) / Math.max(2, (width - timeline.gutter) / 110) || 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= wanted) ?? wanted;
  const base = timeline.all[0];
  for (let index = Math.ceil((from - base) / step); index * step <= to - base; index += 1) {
    tell(Math.round(xOf(base + index * step)) + 0.5, index * step);
  }
}

function paintGrid(context, width, height) {
  context.strokeStyle = timeline.colours.line;
  context.lineWidth = 1;
  context.beginPath();
  ticks(width, (x) => {
    context.moveTo(x, AXIS - 5);
    context.lineTo(x, height);
  });
  context.stroke();
}

function paintAxis(context, width) {
  const { colours } = timeline;
  context.fillStyle = colours.panel;
  context.fillRect(0, 0, width, AXIS - 2);
  context.fillStyle = colours.soft;
  ticks(width, (x, at) => {
    const word = at === 0 ? "0" : duration(at / 1000);
    if (x + 3 + context.measureText(word).width < width) context.fillText(word, x + 3, AXIS / 2 - 1);
  });
}

function shorten(context, text, room) {
  if (room < 14) return "";
  const most = Math.ceil(room / 3);
  let shown = text.length > most ? text.slice(0, most) : text;
  while (shown.length > 0 && context.measureText(shown).width > room) shown = shown.slice(0, Math.floor(shown.length * 0.9));
  return shown.length < text.length ? `${shown.slice(0, -1)}…` : shown;
}

/** The ring around the bar that has the focus. */
function placeMark(top) {
  const mark = byId("timeline-mark");
  const bar = timeline.bars.get(timeline.focus);
  mark.hidden = !bar;
  if (!bar) return;
  const from = Math.max(xOf(bar.item.start), timeline.gutter);
  const to = Math.min(xOf(bar.item.end), timeline.width - 8);
  mark.dataset.key = bar.item.key;
  mark.style.transform = `translate(${from - 3}px, ${bar.y - top + AXIS - 3}px)`;
  mark.style.width = `${Math.max(to - from, 2) + 6}px`;
  mark.style.height = `${BAR + 6}px`;
}

function describe(item) {
  const parts = [`${STATUS[item.status].glyph} ${STATUS[item.status].word}`, item.name, duration(item.seconds)];
  parts.push(`lane ${item.lane}${store.nodes.size > 1 ? ` on ${nodeName(item.node)}` : ""}`);
  return parts.filter(Boolean).join("  ·  ");
}

function focusBar(bar, isKeyboard) {
  timeline.focus = bar?.item.key ?? null;
  if (bar) {
    setText(byId("timeline-readout"), describe(bar.item));
    if (isKeyboard) bringIntoView(bar);
    paintTimeline();
  } else {
    renderTimeline();
  }
}

function bringIntoView(bar) {
  const scroll = byId("timeline-scroll");
  if (bar.y < scroll.scrollTop) scroll.scrollTop = bar.y - NODE_HEAD;
  const bottom = bar.y + PITCH + AXIS;
  if (bottom > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = bottom - scroll.clientHeight;
  const [from, to] = range();
  if (bar.item.start < from || bar.item.start > to) {
    const half = (to - from) / 2;
    setRange(bar.item.start - half, bar.item.start + half);
  }
}

function setRange(from, to) {
  const [first, last] = timeline.all;
  const length = Math.min(Math.max(to - from, (last - first) / 1e5, 0.001), last - first);
  let start = Math.max(first, Math.min(from, last - length));
  if (length >= last - first) [start, timeline.view] = [first, null];
  else timeline.view = [start, start + length];
  paintTimeline();
}

function zoom(factor, at) {
  const [from, to] = range();
  const focus = timeline.bars.get(timeline.focus)?.item.start;
  const isSeen = focus !== undefined && focus >= from && focus <= to;
  const middle = at ?? (isSeen ? focus : (from + to) / 2);
  setRange(middle - (middle - from) * factor, middle + (to - middle) * factor);
}

function pan(share) {
  const [from, to] = range();
  const by = (to - from) * share;
  setRange(from + by, to + by);
}

/** The bar under a point of the view, or the nearest one within a few pixels. */
function barAt(event) {
  const box = byId("timeline-canvas").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top + byId("timeline-scroll").scrollTop - AXIS];
  let best = null;
  let distance = 4;
  for (const bar of timeline.bars.values()) {
    if (y < bar.y - 1 || y > bar.y + PITCH) continue;
    const [from, to] = [xOf(bar.item.start), xOf(bar.item.end)];
    const away = Math.max(from - x, x - to, 0);
    if (away < distance) [best, distance] = [bar, away];
  }
  return best;
}

function stepFocus(key) {
  const bar = timeline.bars.get(timeline.focus) ?? timeline.bars.get(store.chosen);
  if (!bar) return timeline.bars.values().next().value;
  const lane = timeline.lanes[bar.lane];
  const index = lane.items.indexOf(bar.item);
  const moves = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: lane.items.length - 1 };
  if (key in moves) return timeline.bars.get(lane.items[moves[key]]?.key) ?? bar;
  const other = timeline.lanes[bar.lane + (key === "ArrowDown" ? 1 : -1)];
  if (!other) return bar;
  const away = (item) => Math.abs(item.start - bar.item.start);
  const nearest = other.items.reduce((best, item) => (away(item) < away(best) ? item : best));
  return timeline.bars.get(nearest.key);
}

function onTimelineKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  if (key === "+" || key === "=") zoom(0.5);
  else if (key === "-" || key === "_") zoom(2);
  else if (key === "0" || key === "Escape") setRange(...timeline.all);
  else if (event.shiftKey && key === "ArrowLeft") pan(-0.2);
  else if (event.shiftKey && key === "ArrowRight") pan(0.2);
  else if (/^(Arrow|Home$|End$)/.test(key)) focusBar(stepFocus(key), true);
  else if ((key === "Enter" || key === " ") && timeline.focus) choose(timeline.focus);
  else return;
  event.preventDefault();
}

function startTimeline() {
  const view = byId("timeline-view");
  const scroll = byId("timeline-scroll");
  readColours();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    readColours();
    if (store.model) paintTimeline();
  });
  new ResizeObserver(() => store.model && paintTimeline()).observe(scroll);
  scroll.addEventListener("scroll", () => paintTimeline(), { passive: true });
  view.addEventListener("keydown", onTimelineKey);
  view.addEventListener("focus", () => timeline.focus === null && focusBar(timeline.bars.get(store.chosen) ?? null, true));
  startPointer(view);
  const tool = (word, label, act) => el("button", { type: "button", class: "small", "aria-label": label, title: label, onclick: act }, word);
  const table = tool("Table", "Show the lanes as a table", () => {
    const place = byId("timeline-table");
    place.hidden = !place.hidden;
    setAttribute(table, "aria-expanded", String(!place.hidden));
    renderTimeline();
  });
  setAttribute(table, "aria-expanded", "false");
  setAttribute(table, "aria-controls", "timeline-table");
  add(byId("timeline-tools"), [
    tool("−", "Zoom out", () => zoom(2)),
    tool("+", "Zoom in", () => zoom(0.5)),
    tool("All", "Show all of the time", () => setRange(...timeline.all)),
    table,
  ]);
}

function startPointer(view) {
  let drag = null;
  view.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, range: range(), moved: false, id: event.pointerId };
  });
  view.addEventListener("pointermove", (event) => {
    if (drag && event.buttons & 1) {
      const by = event.clientX - drag.x;
      if (Math.abs(by) > 3 && !drag.moved && timeline.view) {
        drag.moved = true;
        view.setPointerCapture(drag.id);
      }
      if (drag.moved) {
        const perPixel = (drag.range[1] - drag.range[0]) / (timeline.width - timeline.gutter - 8);
        setRange(drag.range[0] - by * perPixel, drag.range[1] - by * perPixel);
      }
      return;
    }
    const bar = barAt(event);
    view.style.cursor = bar ? "pointer" : "default";
    if (bar && bar.item.key !== timeline.focus) focusBar(bar, false);
  });
  view.addEventListener("click", (event) => {
    const hasMoved = drag?.moved;
    drag = null;
    const bar = hasMoved ? null : barAt(event);
    if (!bar) return;
    focusBar(bar, false);
    choose(bar.item.key, { follow: true });
  });
  view.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const box = view.getBoundingClientRect();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, timeOf(event.clientX - box.left));
    } else if (timeline.view && Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      pan(event.deltaX / timeline.width);
    }
  }, { passive: false });
}

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  timeline.colours = { soft: read("--soft"), ink: read("--ink"), line: read("--line"), lane: read("--lane"), panel: read("--panel"), onBar: read("--on-bar"), flaky: read("--b-flaky"), font: read("--sans") };
  for (const status of STATUSES) timeline.colours[status] = read(`--b-${status}`);
}

function lanesTable() {
  const { lanes, all } = timeline;
  const sinceStart = (time) => (time === all[0] ? "0" : duration((time - all[0]) / 1000));
  const rows = lanes.slice(0, 500).map((lane) => {
    const failed = lane.items.filter((item) => STATUS[item.status].verdict === "failed").length;
    const busy = lane.items.reduce((sum, item) => sum + (item.seconds ?? 0), 0);
    const last = lane.items.reduce((latest, item) => Math.max(latest, item.end), 0);
    const cells = [NUMBER.format(lane.items.length), NUMBER.format(failed), sinceStart(lane.items[0].start), sinceStart(last), duration(busy)];
    return el("tr", {}, el("th", { scope: "row" }, nodeName(lane.node)), el("td", {}, String(lane.number)), cells.map((cell) => el("td", { class: "amount" }, cell)));
  });
  const head = ["Node", "Lane", "Tests", "Failed", "First begins at", "Last ends at", "Together"];
  return [
    el("table", { class: "grid" }, el("thead", {}, el("tr", {}, head.map((word, index) => el("th", { scope: "col", class: index > 1 ? "number" : undefined }, word)))), el("tbody", {}, rows)),
    lanes.length > rows.length && el("p", { class: "note" }, `${count(lanes.length - rows.length, "more lane")}`),
  ];
}
