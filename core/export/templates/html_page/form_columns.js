// A row of a table: a field for each column, prepared for the network as its training data was.

function createForm({ form, examples }, change) {
  const note = make("p", { class: "note", role: "status" });
  let row = recall(isRow, form.columns.map(() => null)); // null is a gap
  const fields = form.columns.map((column, n) => createField(column, n));
  const nodes = fields.map(({ node }) => node);

  function isRow(state) {
    if (!Array.isArray(state) || state.length !== form.columns.length) return false;
    return state.every((cell, n) => {
      if (cell === null) return true;
      return form.columns[n].kind === "number" ? Number.isFinite(cell) : typeof cell === "string";
    });
  }

  function createField(column, n) {
    const id = `field-${n}`;
    const label = make("label", { for: id }, column.name);
    const put = (cell) => set(changed(row, n, cell));
    if (column.kind === "category") {
      const select = make("select", { id }, make("option", { value: "-1" }, "(missing)"));
      column.shown.forEach((text, place) => select.append(make("option", { value: place }, text)));
      select.addEventListener("change", () => put(column.categories[Number(select.value)] ?? null));
      const show = (cell) => (select.value = String(column.categories.indexOf(cell)));
      return { node: make("div", { class: "field" }, label, make("div", {}, select)), show };
    }
    const number = make("input", { id, type: "number", step: "any", placeholder: short(column.fill) });
    const span = column.high - column.low;
    const slider = make("input", {
      type: "range",
      min: column.low,
      max: column.high,
      step: span > 0 ? span / 200 : 1,
      "aria-label": `${column.name}, from ${short(column.low)} to ${short(column.high)}`,
    });
    number.addEventListener("input", () => {
      const value = number.valueAsNumber;
      put(Number.isNaN(value) ? null : clip(value, -form.largestNumber, form.largestNumber));
    });
    slider.addEventListener("input", () => put(Number(slider.valueAsNumber.toPrecision(4))));
    const show = (cell) => {
      if (document.activeElement !== number) number.value = cell ?? "";
      slider.value = cell ?? column.fill;
    };
    return { node: make("div", { class: "field" }, label, make("div", {}, slider, number)), show };
  }

  function set(cells) {
    row = [...cells];
    remember(row);
    show();
  }

  function show() {
    fields.forEach((field, n) => field.show(row[n]));
    const unseen = form.columns.filter((column, n) => isUnseen(column, row[n], form.hands));
    const gaps = row.filter((cell) => cell === null).length;
    const names = unseen.map(({ name }) => name).join(", ");
    const sentences = [
      gaps && "What is empty counts as the usual value, shown in grey.",
      names && `Outside of what the network learned from: ${names}.`,
    ];
    note.textContent = sentences.filter(Boolean).join(" ");
    change(prepared(form, row));
  }

  return {
    nodes: [make("div", { class: "fields" }, ...nodes), note],
    examples: exampleButtons(examples, set),
    show,
  };
}

const short = (value) => String(Number(value.toPrecision(4)));

function isUnseen(column, cell, hands) {
  if (cell === null) return false;
  if (column.kind === "category") return !column.categories.includes(cell);
  return !hands && (cell < column.low || cell > column.high);
}

// Returns the network's input of a row, null where it is a hand without size.
function prepared({ columns, minMax, hands, largest }, row) {
  let numbers = [];
  const rest = [];
  columns.forEach((column, n) => {
    const cell = row[n] ?? column.fill;
    if (column.kind === "number") numbers.push(cell);
    else rest.push(...column.categories.map((category) => (category === cell ? 1 : 0)));
  });
  if (hands) numbers = normalisedHand(numbers);
  if (!numbers) return null;
  const scaled = Array.from(numbers, (value, n) => {
    const { factor, offset } = columns[n];
    return minMax ? value * factor + offset : (value - offset) / factor;
  });
  return Float32Array.from([...scaled, ...rest], (value) => clip(value, -largest, largest));
}
