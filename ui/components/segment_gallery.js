// Many small seven-segment displays. The shared part of all galleries comes first, from gallery.js,
// and so do the segments' shapes, from segment_shapes.js.

const MARGIN = 26; // around the middle lines of the outer segments, so that bars fit in
const TEXT_ROOM = { across: 92, along: 42 };

export default function segmentGallery({ data, parentElement, setTriggerValue }) {
  const view = viewOf(parentElement, setTriggerValue);
  view.digit ??= createDigit();
  // The theme's lists of colours are read here, so they are part of the content.
  const colours = coloursOf(view, data);
  if (!isNew(view, [data, colours])) return;
  const before = view.tiles[view.current]?.dataset.pattern;
  view.tiles = data.tiles.map((tile, index) => createDisplay(view, data, tile, colours[index]));
  // The stop stays on its pattern, wherever that is now.
  view.current = Math.max(0, view.tiles.findIndex((node) => node.dataset.pattern === before));
  const group = (index) => data.tiles[index]?.group ?? "";
  const nodes = view.tiles.flatMap((node, index) =>
    group(index) === group(index - 1) ? [node] : [createHeading(group(index)), node],
  );
  place(view, data, nodes);
}

function createHeading(text) {
  const heading = document.createElement("h3");
  heading.textContent = text;
  return heading;
}

function createDisplay(view, data, tile, colour) {
  const label = [tile.label, ...(tile.texts ?? []).map(named)].join("; ");
  const node = createTile(view, data, { name: tile.pattern, label, hover: tile.label });
  if (tile.framed) node.classList.add("framed");
  node.dataset.pattern = tile.pattern;
  if (colour) {
    node.classList.add("tinted"); // a pattern with few lit segments must show its colour too
    node.style.setProperty("--lit", colour);
  }
  if (tile.faded) node.style.setProperty("--strength", `${100 * (1 - tile.faded)}%`);
  node.append(createPicture(view, data, tile));
  if (tile.caption) node.append(createCaption(tile.caption));
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

// Beside its segment and outside the digit: left, right, or above (below for the lowest).
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
    // A theme's list of colours; a colour may have commas between brackets.
    return style.getPropertyValue(name).split(/,(?![^(]*\))/)[index]?.trim() ?? "";
  });
}
