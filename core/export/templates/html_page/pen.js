// Pen strokes as pixels: black on white, with smooth edges. The pixels are those that OpenCV makes
// in Digit Lab (polylines and circles with LINE_AA), so that the network sees the same. A browser's
// own canvas would smooth the edges in its own way.
//
// Places are whole numbers of 1/65536 pixel. They stay below 2^53, so JavaScript's numbers are exact.

const ONE = 65536;
const PAPER = 255;

// How dark a pixel is by its distance from a line: 32 steps on the line, 32 steps beside it.
const FILTER = [
  168, 177, 185, 194, 202, 210, 218, 224, 231, 236, 241, 246, 249, 252, 254, 254, 254, 254, 252, 249,
  246, 241, 236, 231, 224, 218, 210, 202, 194, 185, 177, 168, 158, 149, 140, 131, 122, 114, 105, 97,
  89, 82, 75, 68, 62, 56, 50, 45, 40, 36, 32, 28, 25, 22, 19, 16, 14, 12, 11, 9, 8, 7, 5, 5,
];
// How much denser a slanted line is.
const SLOPE = [
  181, 181, 181, 182, 182, 183, 184, 185, 187, 188, 190, 192, 194, 196, 198, 201, 203, 206, 209, 211,
  214, 218, 221, 224, 227, 231, 235, 238, 242, 246, 250, 254,
];
// Sines of whole degrees, with seven decimals.
const SINES = Array.from({ length: 451 }, (_, degree) =>
  Math.fround(Number(Math.sin((degree * Math.PI) / 180).toFixed(7))),
);

// Returns grey pixels, one byte each. A stroke is { width, points: [x, y, x, y, ...] }.
function drawStrokes(strokes, width, height) {
  const picture = { width, height, pixels: new Uint8Array(width * height).fill(PAPER) };
  for (const stroke of strokes) {
    const sixteenths = stroke.points.map((value) => roundEven(clip(value, -1e4, 1e4) * 16));
    const path = [];
    for (let n = 0; n < sixteenths.length; n += 2) {
      path.push([sixteenths[n] * (ONE / 16), sixteenths[n + 1] * (ONE / 16)]);
    }
    const thickness = clip(stroke.width, 1, 100);
    if (path.every(([x, y]) => x === path[0][0] && y === path[0][1])) {
      fillDisc(picture, path[0], roundEven((thickness / 2) * 16) * (ONE / 16));
    } else {
      drawPath(picture, path, Math.max(1, roundEven(thickness)));
    }
  }
  return picture;
}

function drawPath(picture, path, thickness) {
  const radius = (thickness * ONE) / 2;
  for (let n = 1; n < path.length; n += 1) {
    const [from, to] = [path[n - 1], path[n]];
    if (thickness === 1) {
      drawLine(picture, from, to);
      continue;
    }
    const across = (from[0] - to[0]) / ONE;
    const down = (to[1] - from[1]) / ONE;
    const square = across * across + down * down;
    if (square > Number.EPSILON) {
      const reach = (radius + ((thickness % 2) * ONE) / 2) / Math.sqrt(square);
      const [x, y] = [roundEven(down * reach), roundEven(across * reach)];
      fillPolygon(picture, [
        [from[0] + x, from[1] + y],
        [from[0] - x, from[1] - y],
        [to[0] - x, to[1] - y],
        [to[0] + x, to[1] + y],
      ]);
    }
    if (n === 1) fillDisc(picture, from, radius);
    fillDisc(picture, to, radius);
  }
}

function fillDisc(picture, [x, y], radius) {
  const size = Math.floor((radius + ONE / 2) / ONE);
  const step = size < 3 ? 90 : size < 10 ? 30 : size < 15 ? 18 : 5;
  const corners = [];
  for (let angle = 0; angle < 360 + step; angle += step) {
    const degree = Math.min(angle, 360);
    const corner = [x + radius * SINES[450 - degree], y + radius * SINES[degree]].map(roundEven);
    const last = corners[corners.length - 1];
    if (!last || corner[0] !== last[0] || corner[1] !== last[1]) corners.push(corner);
  }
  fillPolygon(picture, corners.length > 1 ? corners : [[x, y], [x, y]]);
}

// Fills a polygon without dents: its smooth edges first, then row by row between two of them.
function fillPolygon(picture, corners) {
  const count = corners.length;
  corners.forEach((corner, n) => drawLine(picture, corners[(n + count - 1) % count], corner));
  const rows = corners.map(([, y]) => Math.floor((y + ONE / 2) / ONE));
  const columns = corners.map(([x]) => Math.floor((x + ONE / 2) / ONE));
  const last = Math.min(Math.max(...rows), picture.height - 1);
  const first = Math.min(...rows);
  if (count < 3 || Math.max(...columns) < 0 || Math.max(...rows) < 0) return;
  if (Math.min(...columns) >= picture.width || first >= picture.height) return;

  const heights = corners.map(([, y]) => y);
  const highest = heights.indexOf(Math.min(...heights));
  const begin = { corner: highest, x: -ONE, slope: 0, end: first };
  const edges = [{ ...begin, way: 1 }, { ...begin, way: count - 1 }];
  let left = count;
  for (let row = first; row <= last; row += 1) {
    if (row < last || row === first) {
      for (const edge of edges) {
        if (row < edge.end) continue;
        let from = edge.corner;
        let to = (from + edge.way) % count;
        while (left-- > 0) {
          if (rows[to] > row) {
            const steps = rows[to] - row;
            const distance = corners[to][0] - corners[from][0];
            edge.end = rows[to];
            edge.slope = Math.trunc((distance * 2 + steps) / (2 * steps));
            edge.x = corners[from][0];
            edge.corner = to;
            break;
          }
          from = to;
          to = (to + edge.way) % count;
        }
      }
    }
    if (left < 0) break;
    if (row >= 0) {
      const ends = [edges[0].x, edges[1].x].sort((one, other) => one - other);
      const start = Math.max(0, Math.floor((ends[0] + ONE - 1) / ONE));
      const end = Math.min(picture.width - 1, Math.floor(ends[1] / ONE));
      const at = row * picture.width;
      if (start <= end) picture.pixels.fill(0, at + start, at + end + 1);
    }
    for (const edge of edges) edge.x += edge.slope;
  }
}

// A line one pixel wide with smooth edges, three pixels across.
function drawLine(picture, from, to) {
  const inside = clipLine([picture.width * ONE, picture.height * ONE], from, to);
  if (!inside) return;
  let [start, end] = inside;
  // Along the line's longer side it goes pixel by pixel, always forwards.
  const isFlat = Math.abs(end[0] - start[0]) > Math.abs(end[1] - start[1]);
  const along = isFlat ? 0 : 1;
  if (end[along] < start[along]) [start, end] = [end, start];
  const length = end[along] - start[along];
  const slope = Math.trunc(((end[1 - along] - start[1 - along]) * ONE) / (length | 1));
  const stop = end[along] + ONE;
  let left = Math.floor(stop / ONE) - Math.floor(start[along] / ONE);
  let across = start[1 - along] + Math.floor((slope * -(start[along] & (ONE - 1))) / ONE) + ONE / 2;
  let place = Math.floor(start[along] / ONE);
  const ends = endCorrections(slope, (start[along] >> 9) & 0x78, (stop >> 9) & 0x78);
  for (let done = 0; left >= 0; done += 1, left -= 1, place += 1, across += slope) {
    const density = ends[Math.min(done, 2) * 3 + Math.min(left, 2)];
    const middle = Math.floor(across / ONE);
    const distance = (across >> 11) & 31;
    for (let n = 0; n < 3; n += 1) {
      const x = isFlat ? place : middle - 1 + n;
      const y = isFlat ? middle - 1 + n : place;
      if (x < 0 || x >= picture.width || y < 0 || y >= picture.height) continue;
      const at = y * picture.width + x;
      const filter = FILTER[n === 0 ? distance + 32 : n === 1 ? distance : 63 - distance];
      const amount = ((density * filter) >> 8) & 0xff;
      for (let twice = 0; twice < 2; twice += 1) {
        picture.pixels[at] += (-picture.pixels[at] * amount + 127) >> 8;
      }
    }
  }
}

// How dense the first two and last two pixels of a line are, by how much of them it covers. Entry
// 3 * (pixels before, at most 2) + (pixels after, at most 2).
function endCorrections(slope, first, last) {
  const steepness = (slope >> 11) & 0x3f ^ (slope < 0 ? 0x3f : 0);
  const density = steepness & 0x20 ? 256 : SLOPE[steepness];
  const part = (sixteenths) => ((sixteenths * density) >> 8) & 0x1ff;
  const whole = density << 7;
  const before = ((0x78 - first) | 4) * density;
  const after = (last | 4) * density;
  const both = part(((last - first) & 0x78) | 4);
  return [
    0,
    both,
    (before >> 8) & 0x1ff,
    both,
    part((last - first + 0x80) | 4),
    ((before + whole) >> 8) & 0x1ff,
    (after >> 8) & 0x1ff,
    ((after + whole) >> 8) & 0x1ff,
    density,
  ];
}

// Cuts a line off at the edges of a room [width, height]; null if nothing of it is inside.
function clipLine([width, height], from, to) {
  const [right, bottom] = [width - 1, height - 1];
  let [[x1, y1], [x2, y2]] = [from, to];
  const beside = (x) => (x < 0 ? 1 : 0) + (x > right ? 2 : 0);
  const outside = (x, y) => beside(x) + (y < 0 ? 4 : 0) + (y > bottom ? 8 : 0);
  let [one, two] = [outside(x1, y1), outside(x2, y2)];
  if ((one & two) === 0 && (one | two) !== 0) {
    if (one & 12) {
      const y = one < 8 ? 0 : bottom;
      x1 += Math.trunc(((y - y1) * (x2 - x1)) / (y2 - y1));
      y1 = y;
      one = beside(x1);
    }
    if (two & 12) {
      const y = two < 8 ? 0 : bottom;
      x2 += Math.trunc(((y - y2) * (x2 - x1)) / (y2 - y1));
      y2 = y;
      two = beside(x2);
    }
    if ((one & two) === 0 && (one | two) !== 0) {
      if (one) {
        const x = one === 1 ? 0 : right;
        y1 += Math.trunc(((x - x1) * (y2 - y1)) / (x2 - x1));
        x1 = x;
        one = 0;
      }
      if (two) {
        const x = two === 1 ? 0 : right;
        y2 += Math.trunc(((x - x2) * (y2 - y1)) / (x2 - x1));
        x2 = x;
        two = 0;
      }
    }
  }
  return (one | two) === 0 ? [[x1, y1], [x2, y2]] : null;
}
