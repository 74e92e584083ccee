// A grid of pixels to switch on and off, by mouse, pen, finger or keyboard.

const CELL = 32; // pixels of the canvas

function createForm({ form, examples }, change) {
  const [rows, columns] = form.shape;
  let cells = recall(areNumbers(rows * columns), Array(rows * columns).fill(0));
  let cursor = null;
  let drawing = null; // { pointer, value }
  const paper = make("canvas", {
    class: "paper",
    width: columns * CELL,
    height: rows * CELL,
    tabindex: 0,
    role: "application",
    "aria-label":
      `Grid of ${rows} by ${columns} pixels. Draw with a mouse, a pen or a finger, or by keyboard:` +
      " the arrow keys move the cursor, the space bar switches a pixel.",
  });
  const clear = makeButton("Clear", () => set(cells.map(() => 0)));

  const cellAt = (event) => {
    const box = paper.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
    return isInside ? row * columns + column : null;
  };
  const fill = (event) => {
    const at = cellAt(event);
    if (at !== null) set(changed(cells, at, drawing.value));
  };
  paper.addEventListener("pointerdown", (event) => {
    const at = cellAt(event);
    if (drawing || event.button !== 0 || at === null) return;
    // One goes on as one begins: setting pixels, or clearing them.
    drawing = { pointer: event.pointerId, value: cells[at] > 0.5 ? 0 : 1 };
    paper.setPointerCapture(event.pointerId);
    fill(event);
  });
  paper.addEventListener("pointermove", (event) => {
    if (drawing?.pointer !== event.pointerId) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) fill(each);
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    paper.addEventListener(name, (event) => {
      if (drawing?.pointer === event.pointerId) drawing = null;
    });
  }
  paper.addEventListener("keydown", (event) => {
    const way = ARROWS[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || !(way || event.key === " ")) return;
    event.preventDefault();
    cursor ??= [Math.floor(rows / 2), Math.floor(columns / 2)];
    if (way) {
      const [row, column] = cursor;
      cursor = [clip(row + way[1], 0, rows - 1), clip(column + way[0], 0, columns - 1)];
    }
    const at = cursor[0] * columns + cursor[1];
    if (way || event.repeat) paint();
    else set(changed(cells, at, cells[at] > 0.5 ? 0 : 1));
  });
  paper.addEventListener("blur", () => {
    cursor = null;
    paint();
  });

  function set(values) {
    cells = [...values];
    remember(cells);
    show();
  }

  function show() {
    clear.disabled = !cells.some(Boolean);
    paint();
    change(cells.some(Boolean) ? Float32Array.from(cells) : null);
  }

  function paint() {
    const pen = paper.getContext("2d");
    for (let at = 0; at < cells.length; at += 1) {
      const [row, column] = [Math.floor(at / columns), at % columns];
      const grey = Math.round(255 * (1 - cells[at]));
      pen.fillStyle = `rgb(${grey} ${grey} ${grey})`;
      pen.fillRect(column * CELL, row * CELL, CELL, CELL);
      pen.strokeStyle = "#d5d9df";
      pen.strokeRect(column * CELL, row * CELL, CELL, CELL);
    }
    if (!cursor) return;
    pen.strokeStyle = "#b3261e";
    pen.lineWidth = 4;
    pen.strokeRect(cursor[1] * CELL + 2, cursor[0] * CELL + 2, CELL - 4, CELL - 4);
    pen.lineWidth = 1;
  }

  return {
    nodes: [paper, make("div", { class: "row" }, clear)],
    examples: exampleButtons(examples, set),
    show,
  };
}
