// Many small seven-segment displays. Where they can be opened, each is a button, and all of them
// together are one tab stop (a "roving tabindex"): the arrow keys move the stop and the focus.
// The segments' shapes come from segment_shapes.js and the keys from tile_keys.js, which are put
// before this.

const MARGIN = 26; // around the middle lines of the outer segments, so that bars fit in
const TEXT_ROOM = { across: 92, along: 42 };
const views = new WeakMap();

export default function segmentGallery({ data, parentElement, setTriggerValue }) {
  // Streamlit calls this again at each change of data or theme, on the same node.
  if (!views.has(parentElement)) views.set(parentElement, createView(parentElement));
  const view = views.get(parentElement);
  view.open = (pattern) => setTriggerValue("opened", pattern);
  // The theme's lists of colours are read here, so they count as part of what is shown.
  const shown = JSON.stringify([data, coloursOf(view, data)]);
  if (view.shown === shown) return;
  view.shown = shown;
  draw(view, data);
}

function createView(parent) {
  const root = document.createElement("div");
  root.className = "gallery";
  root.setAttribute("role", "group");
  root.addEventListener("keydown", (event) => move(view, event));
  parent.append(root);
  const view = { root, open: null, shown: "", tiles: [], current: 0, digit: createDigit() };
  return view;
}

function draw(view, data) {
  const hadFocus = view.tiles.includes(view.root.getRootNode().activeElement);
  const before = view.tiles[view.current]?.dataset.pattern;
  const colours = coloursOf(view, data);
  view.root.setAttribute("aria-label", data.label);
  view.root.className = `gallery ${data.size}`;
  view.tiles = data.tiles.map((tile, index) => createTile(view, data, tile, colours[index]));
  const nodes = data.tiles.flatMap((tile, index) =>
    (tile.group ?? "") === (data.tiles[index - 1]?.group ?? "")
      ? [view.tiles[index]]
      : [createHeading(tile.group ?? ""), view.tiles[index]],
  );
  view.root.replaceChildren(...nodes);
  if (!data.opens || !view.tiles.length) return;
  // The stop stays on the pattern where it was, wherever that is shown now.
  view.current = Math.max(0, view.tiles.findIndex((node) => node.dataset.pattern === before));
  view.tiles[view.current].tabIndex = 0;
  if (hadFocus) view.tiles[view.current].focus();
}

function createHeading(text) {
  const heading = document.createElement("h3");
  heading.textContent = text;
  return heading;
}

function createTile(view, data, tile, colour) {
  const node = document.createElement(data.opens ? "button" : "div");
  node.className = tile.framed ? "tile framed" : "tile";
  node.dataset.pattern = tile.pattern;
  node.title = tile.label;
  node.setAttribute("aria-label", [tile.label, ...(tile.texts ?? []).map(named)].join("; "));
  if (colour) {
    node.classList.add("tinted"); // so that a pattern of few lit segments shows its colour as well
    node.style.setProperty("--lit", colour);
  }
  if (tile.faded) node.style.setProperty("--strength", `${100 * (1 - tile.faded)}%`);
  if (data.opens) {
    node.type = "button";
    node.tabIndex = -1;
    node.addEventListener("click", () => {
      stopAt(view, view.tiles.indexOf(node));
      view.open(tile.pattern);
    });
  } else {
    node.setAttribute("role", "img");
  }
  node.append(createPicture(view, data, tile));
  if (tile.caption) {
    const caption = document.createElement("span");
    caption.className = "caption";
    caption.textContent = tile.caption;
    node.append(caption);
  }
  return node;
}

const named = (text, index) => `${SEGMENTS[index]} ${text}`;

// Seven bars, made once and copied: there may be 128 of them.
function createDigit() {
  const digit = element("svg", { "aria-hidden": "true" });
  for (const name of SEGMENTS) {
    digit.append(element("polygon", { class: "bar", points: outline(name, 19, 7) }));
  }
  return digit;
}

function createPicture(view, data, tile) {
  const svg = view.digit.cloneNode(true);
  const written = data.size === "large" && tile.texts;
  const [across, along] = written ? [TEXT_ROOM.across, TEXT_ROOM.along] : [0, 0];
  const [x, y] = [UNIT * (1 + 2 * SLANT) + MARGIN + across, 2 * UNIT + MARGIN + along];
  svg.setAttribute("viewBox", `${-x} ${-y} ${2 * x} ${2 * y}`);
  [...svg.children].forEach((bar, index) => {
    if (tile.pattern[index] === "1") bar.classList.add("lit");
    if (tile.values) {
      const value = tile.values[index];
      bar.classList.add("valued", value < 0 ? "negative" : "positive");
      bar.style.setProperty("--amount", `${Math.round(100 * Math.abs(value))}%`);
    }
    if (tile.texts) {
      const title = element("title", {});
      title.textContent = named(tile.texts[index], index);
      bar.append(title);
    }
  });
  if (written) svg.append(...SEGMENTS.map((name, index) => createText(name, tile.texts[index])));
  return svg;
}

// Beside its segment and outside of all others: left, right, or above (below for the lowest).
function createText(name, text) {
  const [x, y] = middle(name);
  const side = { b: 1, c: 1, e: -1, f: -1 }[name];
  const node = element("text", {
    x: side ? x + 30 * side : x,
    y: side ? y : y + (name === "d" ? 42 : -42),
    "text-anchor": { 1: "start", "-1": "end" }[side] ?? "middle",
  });
  const letter = element("tspan", { class: "letter" });
  letter.textContent = `${name} `;
  node.append(letter, text);
  return node;
}

// ---- Theme

function coloursOf(view, data) {
  const style = getComputedStyle(view.root);
  return data.tiles.map(({ color = "" }) => {
    const [, name, index] = color.match(/^var\((--[\w-]+)\)\[(\d+)\]$/) ?? [];
    if (!name) return color;
    // A theme's list of colours, in each of which there may be commas between brackets.
    return style.getPropertyValue(name).split(/,(?![^(]*\))/)[index]?.trim() ?? "";
  });
}
