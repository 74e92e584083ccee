// A sheet of paper to draw on, by mouse, pen, finger or keyboard.

const SHEET = 320; // pixels of its side, as in Digit Lab
const SHORTEST_STEP = 1.5; // between two points of a stroke
const KEY_STEP = 10; // that an arrow key moves the pen

function createForm({ form }, change) {
  const sheet = {
    side: form.side,
    change,
    marks: recall(areMarks, []), // strokes, and "clear", which can be undone as well
    stroke: null,
    pen: null, // where the keyboard's pen is
    pointer: null,
    waiting: 0,
  };
  sheet.paper = createPaper(sheet);
  sheet.undo = makeButton("Undo", () => mark(sheet, sheet.marks.slice(0, -1)));
  sheet.clear = makeButton("Clear", () => mark(sheet, [...sheet.marks, "clear"]));
  sheet.brush = make("input", { type: "range", min: 4, max: 48, step: 2, value: 20 });
  const tools = make(
    "div",
    { class: "row" },
    sheet.undo,
    sheet.clear,
    make("label", {}, "Brush", sheet.brush),
  );
  const hint = make(
    "p",
    { class: "note" },
    "By keyboard: arrow keys move the pen, the space bar puts it down and lifts it.",
  );
  hint.hidden = true;
  sheet.paper.addEventListener("focus", () => (hint.hidden = !sheet.paper.matches(":focus-visible")));
  sheet.paper.addEventListener("blur", () => (hint.hidden = true));
  return { nodes: [sheet.paper, tools, hint], show: () => show(sheet) };
}

// What the network sees of strokes { width, points: [x, y, ...] }; null where there is no ink.
function inputOf(strokes, side) {
  const input = cleanUp(drawStrokes(strokes, SHEET, SHEET));
  if (!input || side === SIZE) return input;
  const shares = areaShares(SIZE, side);
  return resized({ width: SIZE, height: SIZE, pixels: input }, shares, shares).pixels;
}

const visible = ({ marks }) => marks.slice(marks.lastIndexOf("clear") + 1);

function areMarks(state) {
  const isStroke = ({ width, points }) => width > 0 && areNumbers(points.length)(points);
  return Array.isArray(state) && state.every((each) => each === "clear" || isStroke(each));
}

function mark(sheet, marks) {
  sheet.marks = marks;
  remember(marks);
  show(sheet);
}

function show(sheet) {
  sheet.undo.disabled = !sheet.marks.length;
  sheet.clear.disabled = !visible(sheet).length;
  paint(sheet);
  // The ink is painted before the network starts to compute.
  clearTimeout(sheet.waiting);
  sheet.waiting = setTimeout(() => sheet.change(inputOf(visible(sheet), sheet.side)), 0);
}

function createPaper(sheet) {
  const paper = make("canvas", {
    class: "paper",
    width: 2 * SHEET,
    height: 2 * SHEET,
    tabindex: 0,
    role: "application",
    "aria-label":
      "Sheet to draw on, with a mouse, a pen or a finger. By keyboard, the arrow keys move the pen," +
      " and the space bar puts it down and lifts it.",
  });
  let box = null;
  const place = (event) => [
    ((event.clientX - box.left) * SHEET) / box.width,
    ((event.clientY - box.top) * SHEET) / box.height,
  ];
  paper.addEventListener("pointerdown", (event) => {
    if (sheet.pointer !== null || event.button !== 0) return;
    sheet.pointer = event.pointerId;
    box = paper.getBoundingClientRect();
    paper.setPointerCapture(event.pointerId);
    begin(sheet, place(event));
  });
  paper.addEventListener("pointermove", (event) => {
    if (event.pointerId !== sheet.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) extend(sheet, place(each));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    paper.addEventListener(name, (event) => {
      if (event.pointerId !== sheet.pointer) return;
      sheet.pointer = null;
      finish(sheet);
    });
  }
  paper.addEventListener("keydown", (event) => usePenByKey(sheet, event));
  paper.addEventListener("blur", () => {
    if (sheet.pen?.isDown) finish(sheet);
    sheet.pen = null;
    paint(sheet);
  });
  return paper;
}

function usePenByKey(sheet, event) {
  const way = ARROWS[event.key];
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.key.toLowerCase() === "z") {
    sheet.undo.click();
  } else if (event.altKey || isCommand || !(way || event.key === " ")) {
    return;
  } else {
    sheet.pen ??= { at: [SHEET / 2, SHEET / 2], isDown: false };
    if (way) {
      sheet.pen.at = sheet.pen.at.map((value, n) => clip(value + way[n] * KEY_STEP, 0, SHEET));
      if (sheet.pen.isDown) extend(sheet, sheet.pen.at);
    } else if (!event.repeat) {
      sheet.pen.isDown = !sheet.pen.isDown;
      if (sheet.pen.isDown) begin(sheet, sheet.pen.at);
      else finish(sheet);
    }
    paint(sheet);
  }
  event.preventDefault();
}

const tenths = (value) => Math.round(value * 10) / 10;

function begin(sheet, at) {
  sheet.stroke = { width: sheet.brush.valueAsNumber, points: at.map(tenths) };
  paint(sheet);
}

function extend(sheet, at) {
  if (!sheet.stroke) return;
  const [x, y] = sheet.stroke.points.slice(-2);
  if (Math.hypot(at[0] - x, at[1] - y) < SHORTEST_STEP) return;
  sheet.stroke.points.push(...at.map(tenths));
  paint(sheet);
}

function finish(sheet) {
  if (!sheet.stroke) return;
  const stroke = sheet.stroke;
  sheet.stroke = null;
  mark(sheet, [...sheet.marks, stroke]);
}

function paint(sheet) {
  const pen = sheet.paper.getContext("2d");
  pen.setTransform(2, 0, 0, 2, 0, 0);
  pen.fillStyle = "white";
  pen.fillRect(0, 0, SHEET, SHEET);
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = pen.fillStyle = "black";
  for (const { width, points } of [...visible(sheet), ...(sheet.stroke ? [sheet.stroke] : [])]) {
    pen.lineWidth = width;
    pen.beginPath();
    if (points.length === 2) {
      pen.arc(points[0], points[1], width / 2, 0, 2 * Math.PI);
      pen.fill();
      continue;
    }
    pen.moveTo(points[0], points[1]);
    for (let n = 2; n < points.length; n += 2) pen.lineTo(points[n], points[n + 1]);
    pen.stroke();
  }
  if (sheet.pen) {
    pen.strokeStyle = sheet.pen.isDown ? "#b3261e" : "#0b57d0";
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(...sheet.pen.at, Math.max(6, sheet.brush.valueAsNumber / 2), 0, 2 * Math.PI);
    pen.stroke();
  }
}
