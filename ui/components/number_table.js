// A table of numbers to type in. The browser owns what is typed; Python owns the version, and with
// a new one gives new numbers. What sends comes first, from delivery.js.

const PAUSE = 200; // milliseconds without a keystroke, after which the table is sent

const tables = new WeakMap();

export default function numberTable({ data, parentElement, setStateValue }) {
  // Streamlit calls this again at each change of data, on the same node.
  if (!tables.has(parentElement)) tables.set(parentElement, createTable(parentElement));
  const table = tables.get(parentElement);
  table.delivery.send = (value) => setStateValue("table", value);
  table.high = data.high;
  if (table.version !== data.version) {
    clearTimeout(table.timer);
    table.version = data.version;
    table.values = data.values.map((row) => [...row]);
    table.delivery.value = null;
    fill(table, data);
  }
  acknowledge(table.delivery, { version: data.version, rows: data.values });
}

function createTable(parent) {
  const table = { delivery: createDelivery(parent), version: "", values: [], high: 0, timer: 0 };
  table.root = document.createElement("div");
  table.root.className = "numbers";
  parent.append(table.root);
  // A tab that is closed or put away at once still hands over what was typed.
  const leave = () => {
    if (parent.isConnected) flush(table);
    else document.removeEventListener("visibilitychange", leave);
  };
  document.addEventListener("visibilitychange", leave);
  return table;
}

function fill(table, data) {
  const hadFocus = table.root.getRootNode().activeElement?.dataset?.place;
  const grid = document.createElement("table");
  const head = grid.createTHead().insertRow();
  for (const text of [data.heading, ...data.columns]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = text;
    head.append(cell);
  }
  const body = grid.createTBody();
  data.rows.forEach((label, row) => {
    const line = body.insertRow();
    const title = document.createElement("th");
    title.scope = "row";
    title.textContent = label;
    line.append(title);
    data.columns.forEach((name, column) => {
      line.insertCell().append(createInput(table, `${label}, ${name}`, row, column));
    });
  });
  table.root.replaceChildren(grid);
  if (hadFocus) table.root.querySelector(`[data-place="${hadFocus}"]`)?.focus();
}

function createInput(table, label, row, column) {
  const input = document.createElement("input");
  Object.assign(input, { type: "number", inputMode: "numeric", min: 0, max: table.high, step: 1 });
  input.setAttribute("aria-label", label);
  input.dataset.place = `${row}-${column}`;
  input.value = table.values[row][column];
  input.addEventListener("focus", () => input.select());
  input.addEventListener("input", () => {
    if (input.value === "" || !Number.isFinite(input.valueAsNumber)) return; // not typed yet
    const number = Math.round(Math.min(table.high, Math.max(0, input.valueAsNumber)));
    if (number === table.values[row][column]) return;
    table.values[row][column] = number;
    clearTimeout(table.timer);
    table.timer = setTimeout(() => flush(table), PAUSE);
  });
  input.addEventListener("change", () => flush(table));
  input.addEventListener("blur", () => {
    input.value = table.values[row][column];
    flush(table);
  });
  return input;
}

function flush(table) {
  clearTimeout(table.timer);
  const value = { version: table.version, rows: table.values.map((row) => [...row]) };
  const last = table.delivery.value ?? table.delivery.known;
  if (JSON.stringify(value) !== JSON.stringify(last)) deliver(table.delivery, value);
}
