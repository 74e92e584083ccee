// A sheet of paper to draw on. The browser owns the strokes: it draws them at once, keeps them as
// long as its tab, and sends them all until Python shows that it has them. Python never changes
// them. What sends comes first, from delivery.js.

const SHORTEST_STEP = 1.5; // pixels of the sheet between two points of a stroke
const KEY_STEP = 10; // pixels of the sheet that an arrow key moves the pen
const FIRST_BRUSH = 20; // pixels of the sheet
const PREFIX = "digit-lab";

const memory = new Map();
const views = new WeakMap();

export default function sheet({ data, parentElement, setStateValue }) {
  // Streamlit calls this again at each change of data, on the same node.
  if (!views.has(parentElement)) views.set(parentElement, createView(parentElement, data));
  const view = views.get(parentElement);
  const isNewOwner = view.data?.owner !== data.owner;
  view.data = data;
  view.delivery.send = (value) => setStateValue("drawing", value);
  acknowledge(view.delivery, { owner: data.owner, revision: data.revision });
  settle(view, data.taken);
  if (isNewOwner) {
    // The server has forgotten what it knew, or the page was loaded anew: tell it again.
    if (view.kept.revision === data.revision) view.delivery.value = null;
    else send(view);
  }
  show(view);
}

function createView(parent, data) {
  const view = {
    data: null,
    key: `${PREFIX}.sheet.${data.name}`,
    kept: { revision: 0, marks: [], full: [], last: 0 },
    stroke: null,
    pointer: null,
    box: null,
    pen: null,
    chosen: null,
  };
  view.kept = { ...view.kept, ...recall("sessionStorage", view.key) };
  view.brush = recall("localStorage", `${PREFIX}.brush`) ?? FIRST_BRUSH;
  view.delivery = createDelivery(parent, ({ owner, revision }) => ({ owner, revision }));

  const root = make("div", "sheet");
  root.style.setProperty("--width", data.width);
  root.style.setProperty("--height", data.height);
  view.prompt = make("p", "prompt");
  view.prompt.setAttribute("role", "status");
  view.paper = createPaper(view, data);
  view.undo = createButton("Undo", () => undo(view));
  view.clear = createButton("Clear", () => clear(view));
  view.next = createButton("Keep it, next", () => keep(view));
  view.next.classList.add("next");
  view.rings = make("div", "rings");
  view.rings.setAttribute("role", "group");
  view.rings.setAttribute("aria-label", "What to draw next");
  const tools = make("div", "tools");
  tools.append(view.undo, view.clear, createBrush(view));
  root.append(view.prompt, view.paper, view.next, tools, view.rings);
  parent.append(root);
  new ResizeObserver(() => paint(view)).observe(view.paper);
  return view;
}

function createPaper(view, data) {
  const paper = make("canvas", "paper");
  paper.tabIndex = 0;
  paper.setAttribute("role", "application");
  paper.setAttribute(
    "aria-label",
    `${data.label}. Draw with a mouse, a pen or a finger, or by keyboard: the arrow keys move the` +
      " pen, the space bar puts it down and lifts it.",
  );
  paper.addEventListener("pointerdown", (event) => {
    if (view.pointer !== null || event.button !== 0) return;
    view.pointer = event.pointerId;
    // Where the sheet is now: if the page moves while one draws, the stroke keeps its shape.
    view.box = paper.getBoundingClientRect();
    paper.setPointerCapture(event.pointerId);
    begin(view, place(view, event));
  });
  paper.addEventListener("pointermove", (event) => {
    if (event.pointerId !== view.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) extend(view, place(view, each));
  });
  const lift = (event) => {
    if (event.pointerId !== view.pointer) return;
    view.pointer = null;
    finish(view);
  };
  // Whatever ends a stroke, a call or a lost window, the ink that is on the sheet stays.
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    paper.addEventListener(name, lift);
  }
  paper.addEventListener("keydown", (event) => usePenByKey(view, event));
  paper.addEventListener("blur", () => {
    if (view.pen?.isDown) finish(view);
    view.pen = null;
    paint(view);
  });
  return paper;
}

function usePenByKey(view, event) {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    undo(view);
  } else if (event.key === "Enter" && view.data.classes) {
    if (!event.repeat) keep(view);
  } else if (event.key === " ") {
    view.pen ??= { at: [view.data.width / 2, view.data.height / 2], isDown: false };
    if (!event.repeat) {
      if (view.pen.isDown) finish(view);
      else begin(view, view.pen.at);
      view.pen.isDown = !view.pen.isDown;
    }
  } else if (ways[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
    view.pen ??= { at: [view.data.width / 2, view.data.height / 2], isDown: false };
    const [across, down] = ways[event.key];
    const [x, y] = view.pen.at;
    view.pen.at = [
      Math.min(view.data.width, Math.max(0, x + across * KEY_STEP)),
      Math.min(view.data.height, Math.max(0, y + down * KEY_STEP)),
    ];
    if (view.pen.isDown) extend(view, view.pen.at);
  } else {
    return;
  }
  event.preventDefault();
  paint(view);
}

function createBrush(view) {
  const label = make("label", "brush");
  label.append("Brush");
  const input = make("input");
  Object.assign(input, { type: "range", min: 4, max: 48, step: 2, value: view.brush });
  input.addEventListener("input", () => {
    view.brush = input.valueAsNumber;
    remember("localStorage", `${PREFIX}.brush`, view.brush);
    input.setAttribute("aria-valuetext", `${view.brush} pixels`);
  });
  label.append(input);
  return label;
}

function createButton(text, press) {
  const button = make("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", press);
  button.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.repeat) event.preventDefault();
  });
  return button;
}

function begin(view, at) {
  view.stroke = { width: view.brush, points: at.map(round) };
  paint(view);
}

function extend(view, at) {
  if (!view.stroke) return;
  const [x, y] = view.stroke.points.slice(-2);
  if (Math.hypot(at[0] - x, at[1] - y) < SHORTEST_STEP) return;
  view.stroke.points.push(...at.map(round));
  paint(view);
}

function finish(view) {
  if (!view.stroke) return;
  const stroke = view.stroke;
  view.stroke = null;
  change(view, [...view.kept.marks, stroke]);
}

function undo(view) {
  if (view.kept.marks.length) change(view, view.kept.marks.slice(0, -1));
}

// Clearing is a mark like a stroke, so it can be undone.
function clear(view) {
  if (visible(view).length) change(view, [...view.kept.marks, "clear"]);
}

// Puts the drawing on the pile of those that Python shall take, and lays out the next sheet.
function keep(view) {
  const strokes = visible(view);
  if (!strokes.length || !view.data.classes) return;
  const id = view.kept.last + 1;
  view.kept.last = id;
  view.kept.full = [...view.kept.full, { id, label: wanted(view).label, strokes }];
  view.chosen = null;
  change(view, [], true);
}

function change(view, marks, isKept = false) {
  view.kept.marks = marks;
  view.kept.revision += 1;
  remember("sessionStorage", view.key, view.kept);
  show(view);
  // A sheet that collects sends what is kept, and not every stroke of the next drawing.
  if (isKept || !view.data.classes) send(view);
}

function send(view) {
  const { revision, full } = view.kept;
  deliver(view.delivery, { owner: view.data.owner, revision, strokes: visible(view), full });
}

// Forgets the kept drawings that Python has taken.
function settle(view, taken) {
  const left = view.kept.full.filter(({ id }) => !taken.includes(id));
  if (left.length === view.kept.full.length) return;
  view.kept.full = left;
  remember("sessionStorage", view.key, view.kept);
}

function visible(view) {
  return view.kept.marks.slice(view.kept.marks.lastIndexOf("clear") + 1);
}

// The class to draw next: the one that the person chose, or the one with the fewest samples.
function wanted(view) {
  const counted = view.data.classes.map((each) => ({
    ...each,
    count: each.count + view.kept.full.filter(({ label }) => label === each.label).length,
  }));
  const fewest = counted.reduce((best, each) => (each.count < best.count ? each : best));
  return { ...(counted.find(({ label }) => label === view.chosen) ?? fewest), counted };
}

function show(view) {
  const isEmpty = !visible(view).length;
  view.undo.disabled = !view.kept.marks.length;
  view.clear.disabled = isEmpty;
  const collects = Boolean(view.data.classes);
  view.prompt.hidden = view.next.hidden = view.rings.hidden = !collects;
  if (collects) {
    const next = wanted(view);
    view.prompt.textContent = `Now draw ${next.name}`;
    view.next.disabled = isEmpty;
    showRings(view, next);
  }
  paint(view);
}

function showRings(view, next) {
  if (view.rings.childElementCount !== next.counted.length) {
    view.rings.replaceChildren(
      ...next.counted.map(({ label }) =>
        createButton("", () => {
          view.chosen = label;
          show(view);
        }),
      ),
    );
  }
  next.counted.forEach(({ label, sign, name, count }, index) => {
    const ring = view.rings.children[index];
    ring.textContent = sign;
    ring.style.setProperty("--share", Math.min(1, count / view.data.goal));
    ring.setAttribute("aria-label", `Draw ${name}; ${count} of ${view.data.goal}`);
    ring.setAttribute("aria-pressed", String(label === next.label));
    ring.title = `${count} of ${view.data.goal}`;
  });
}

function paint(view) {
  const { paper, data } = view;
  if (!data || !paper.clientWidth) return;
  const scale = (paper.clientWidth * devicePixelRatio) / data.width;
  const size = [Math.round(data.width * scale), Math.round(data.height * scale)];
  if (paper.width !== size[0] || paper.height !== size[1]) [paper.width, paper.height] = size;
  const pen = paper.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.fillStyle = "white";
  pen.fillRect(0, 0, data.width, data.height);
  pen.strokeStyle = pen.fillStyle = "black";
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of [...visible(view), ...(view.stroke ? [view.stroke] : [])]) {
    drawStroke(pen, stroke);
  }
  if (view.pen) {
    pen.strokeStyle = view.pen.isDown ? "#d00" : "#06c";
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(...view.pen.at, Math.max(6, view.brush / 2), 0, 2 * Math.PI);
    pen.stroke();
  }
  paper.dataset.strokes = visible(view).length;
}

function drawStroke(pen, { width, points }) {
  pen.lineWidth = width;
  pen.beginPath();
  if (points.length === 2) {
    pen.arc(points[0], points[1], width / 2, 0, 2 * Math.PI);
    pen.fill();
    return;
  }
  pen.moveTo(points[0], points[1]);
  for (let n = 2; n < points.length; n += 2) pen.lineTo(points[n], points[n + 1]);
  pen.stroke();
}

function place({ box, data }, event) {
  return [
    ((event.clientX - box.left) * data.width) / box.width,
    ((event.clientY - box.top) * data.height) / box.height,
  ];
}

const round = (number) => Math.round(number * 10) / 10;

function make(tag, name = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  return node;
}

// A browser may forbid a page to keep anything; then it lasts as long as the page is loaded.
function remember(storage, key, value) {
  memory.set(key, value);
  try {
    window[storage].setItem(key, JSON.stringify(value));
  } catch {}
}

function recall(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key)) ?? memory.get(key);
  } catch {
    return memory.get(key);
  }
}
