// The seven-segment display in the browser.
//
// The pattern shown is base XOR mask. Python owns the base and sends it; this file owns the mask
// and sends that. A click changes the mask and is drawn at once, so Python's answers never undo
// it. In numbers, segment a is the most significant of seven bits. The segments' shapes come first,
// from segment_shapes.js, and what sends, from delivery.js.

const ALL = 0b1111111;

// The mask of every display, by the name that Python gave its owner. It lasts as long as the
// browser's page, so a click survives even a page change in the app that overtakes its message.
const masks = new Map();
const views = new WeakMap();

export default function segmentDisplay({ data, parentElement, setStateValue }) {
  // Streamlit calls this again at each change of data, on the same node.
  if (!views.has(parentElement)) views.set(parentElement, createView(parentElement, data.digits));
  const view = views.get(parentElement);
  const isNewOwner = view.data?.owner !== data.owner;
  view.data = { ...data, digits: Object.fromEntries(data.digits) };
  view.delivery.send = (value) => setStateValue("mask", value);
  acknowledge(view.delivery, { owner: data.owner, segments: data.mask });

  if (isNewOwner) {
    const known = toBits(data.mask);
    if (!masks.has(data.owner)) masks.set(data.owner, known);
    if (masks.get(data.owner) !== known) send(view);
    else view.delivery.value = null;
  }
  draw(view);
}

function createView(parent, digits) {
  const view = { data: null, root: null, segments: [], keys: [] };
  view.delivery = createDelivery(parent);
  const root = document.createElement("div");
  root.className = "display";

  const panel = document.createElement("div");
  panel.className = "panel";
  panel.append(createDigit(view));

  const keypad = document.createElement("div");
  keypad.className = "keypad";
  keypad.setAttribute("role", "group");
  keypad.setAttribute("aria-label", "Keypad");
  for (const [digit] of digits) {
    const key = createKey(digit, `Show digit ${digit}`, () =>
      change(view, base(view) ^ toBits(view.data.digits[digit])),
    );
    key.dataset.digit = digit;
    view.keys.push(key);
  }
  const clear = createKey("Clear", "Clear", () => change(view, base(view)));
  const invert = createKey("Invert", "Invert", () => change(view, mask(view) ^ ALL));
  clear.classList.add("clear");
  invert.classList.add("invert");
  keypad.append(...view.keys, clear, invert);

  root.append(panel, keypad);
  parent.append(root);
  view.root = root;
  return view;
}

function createDigit(view) {
  const svg = element("svg", { viewBox: "-132 -198 264 396", role: "group" });
  svg.setAttribute("aria-label", "Seven-segment display");
  SEGMENTS.forEach((name, index) => {
    const bit = 1 << (SEGMENTS.length - 1 - index);
    const toggle = () => change(view, mask(view) ^ bit);
    const [x, y] = middle(name);
    const letter = element("text", { class: "letter", x, y, "aria-hidden": "true" });
    letter.textContent = name;
    const segment = element("g", {
      class: "segment",
      role: "switch",
      tabindex: "0",
      "aria-checked": "false",
      "aria-label": `Segment ${name}`,
    });
    // The target is wider than the bar, for fingers. The ends of all three shapes are cut along the
    // diagonals between neighbours, so they never overlap, however wide they are.
    segment.append(
      element("polygon", { class: "target", points: outline(name, 36, 0) }),
      element("polygon", { class: "ring", points: outline(name, 28, 2.5) }),
      element("polygon", { class: "bar", points: outline(name, 19, 8) }),
      letter,
    );
    segment.addEventListener("click", toggle);
    segment.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault(); // Space would scroll the page
      if (!event.repeat) toggle();
    });
    view.segments.push({ bit, node: segment });
    svg.append(segment);
  });
  return svg;
}

function createKey(text, label, press) {
  const key = document.createElement("button");
  key.type = "button";
  key.textContent = text;
  key.setAttribute("aria-label", label);
  key.addEventListener("click", press);
  key.addEventListener("keydown", (event) => {
    // A button held down by Enter clicks again and again, which would make Invert flicker.
    if (event.key === "Enter" && event.repeat) event.preventDefault();
  });
  return key;
}

function change(view, newMask) {
  if (newMask === mask(view)) return;
  masks.set(view.data.owner, newMask);
  draw(view);
  send(view);
}

function send(view) {
  deliver(view.delivery, { owner: view.data.owner, segments: toPattern(mask(view)) });
}

function draw(view) {
  const shown = base(view) ^ mask(view);
  const pattern = toPattern(shown);
  view.root.dataset.pattern = pattern;
  for (const { bit, node } of view.segments) {
    node.setAttribute("aria-checked", String((shown & bit) !== 0));
  }
  for (const key of view.keys) {
    if (view.data.digits[key.dataset.digit] === pattern) key.setAttribute("aria-current", "true");
    else key.removeAttribute("aria-current");
  }
}

const base = (view) => toBits(view.data.base);
const mask = (view) => masks.get(view.data.owner);
const toBits = (pattern) => parseInt(pattern, 2);
const toPattern = (bits) => bits.toString(2).padStart(SEGMENTS.length, "0");
