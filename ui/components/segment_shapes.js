// The shapes of the seven segments, for every component that draws them. This text comes before the
// component's own.

const SVG = "http://www.w3.org/2000/svg";
const SEGMENTS = [..."abcdefg"];

// Where each segment starts and ends, in units of half the width of a square of segments.
const ENDS = {
  a: [-1, -2, 1, -2],
  b: [1, -2, 1, 0],
  c: [1, 0, 1, 2],
  d: [-1, 2, 1, 2],
  e: [-1, 0, -1, 2],
  f: [-1, -2, -1, 0],
  g: [-1, 0, 1, 0],
};
const UNIT = 80;
const SLANT = 0.1;

// A bar with pointed ends: `half` is half its thickness, `gap` is left free at both ends.
function outline(name, half, gap) {
  const [x1, y1, x2, y2] = ENDS[name].map((value) => value * UNIT);
  const [dx, dy] = [Math.sign(x2 - x1), Math.sign(y2 - y1)];
  const point = (x, y, along, across) =>
    slanted(x + dx * along - dy * across, y + dy * along + dx * across).join(",");
  return [
    point(x1, y1, gap, 0),
    point(x1, y1, gap + half, -half),
    point(x2, y2, -gap - half, -half),
    point(x2, y2, -gap, 0),
    point(x2, y2, -gap - half, half),
    point(x1, y1, gap + half, half),
  ].join(" ");
}

function middle(name) {
  const [x1, y1, x2, y2] = ENDS[name].map((value) => value * UNIT);
  return slanted((x1 + x2) / 2, (y1 + y2) / 2);
}

function slanted(x, y) {
  return [Number((x - y * SLANT).toFixed(2)), y];
}

function element(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
