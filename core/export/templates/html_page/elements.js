// Small helpers for what is on the page.

// Makes an element: make("button", { type: "button" }, "Clear").
function make(name, attributes = {}, ...content) {
  const node = document.createElement(name);
  setAttributes(node, attributes);
  node.append(...content);
  return node;
}

function makeSvg(name, attributes = {}, ...content) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  setAttributes(node, attributes);
  node.append(...content);
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

function makeButton(text, press, attributes = {}) {
  const button = make("button", { type: "button", ...attributes }, text);
  button.addEventListener("click", press);
  // A key that is held down must not press again and again.
  button.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.repeat) event.preventDefault();
  });
  return button;
}

// Where each arrow key leads, in steps across and down.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// A list with one entry changed.
const changed = (list, place, entry) => list.map((each, n) => (n === place ? entry : each));

// A share as a percentage; what is rounded to 1 is still not certainty.
function percent(share) {
  const text = (100 * Math.min(share, 0.99999)).toFixed(1);
  return `${text === "100.0" ? "over 99.9" : text}\u00a0%`;
}

// Buttons for the examples that the page brings along; nothing where there are none.
function exampleButtons(examples, choose) {
  if (!examples.length) return [];
  const buttons = examples.map(({ label, values }, n) =>
    makeButton(label, () => choose(values), { "aria-label": `Example ${n + 1}: ${label}` }),
  );
  return [make("h2", {}, "Examples to start from"), make("div", { class: "row" }, ...buttons)];
}

// What was entered stays over a reload, where the browser lets a page keep something.
const STORED = `digit-lab ${location.pathname}`;

function remember(state) {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(state));
  } catch {}
}

// Returns what was remembered if it is what the form expects, else the beginning.
function recall(isUsable, beginning) {
  try {
    const state = JSON.parse(sessionStorage.getItem(STORED));
    if (isUsable(state)) return state;
  } catch {}
  return beginning;
}

const areNumbers = (count) => (state) =>
  Array.isArray(state) && state.length === count && state.every(Number.isFinite);
