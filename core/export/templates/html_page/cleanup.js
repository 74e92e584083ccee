// From a drawing to a network's input, as Digit Lab does it (core/imaging): without specks, cropped,
// the strokes brought to one width, scaled to 20 pixels, its centre of mass in the middle of 28.
//
// An image is { width, height, pixels }, its pixels float32 from 0 for paper to 1 for ink.

const SIZE = 28;
const BOX = 20;
const MIN_CONTRAST = 0.12;
const MIN_INK = 0.25; // fainter ink does not widen the box
const SPECK_AREA = 0.05;
const SPECK_SIDE = 0.15;
const STROKE_WIDTH = 2.4; // thinner strokes are widened to this, in pixels of the box
const THICK_STROKE = 4.0; // wider ones are narrowed
const THINNED_STROKE = 3.0;
const MAX_LOSS = 0.05;
const MAX_REACH = 16;

const image = (width, height) => ({ width, height, pixels: new Float32Array(width * height) });
const longerSide = ({ width, height }) => Math.max(width, height);

// Returns the input, float32 of 28 x 28, or null if nothing is drawn. The drawing is grey on white.
function cleanUp(drawing) {
  const ink = inkOf(drawing);
  if (!ink) return null;
  return place(fit(thicken(thin(crop(dropSpecks(ink))))));
}

function inkOf({ width, height, pixels }) {
  const ink = image(width, height);
  for (let n = 0; n < pixels.length; n += 1) ink.pixels[n] = 1 - Math.fround(pixels[n] / 255);
  const strongest = largest(ink);
  if (strongest < MIN_CONTRAST) return null;
  for (let n = 0; n < pixels.length; n += 1) ink.pixels[n] /= strongest;
  return ink;
}

function largest({ pixels }) {
  let most = -Infinity;
  for (let n = 0; n < pixels.length; n += 1) if (pixels[n] > most) most = pixels[n];
  return most;
}

// Removes dots that are far too small to be part of the digit.
function dropSpecks(ink) {
  const { labels, parts } = connectedParts(ink);
  if (parts.length < 2) return ink;
  const main = parts.reduce((best, part) => (part.area > best.area ? part : best));
  const isSpeck = parts.map(
    ({ area, side }) => area < SPECK_AREA * main.area && side < SPECK_SIDE * main.side,
  );
  if (!isSpeck.includes(true)) return ink;
  const kept = { ...ink, pixels: ink.pixels.slice() };
  for (let n = 0; n < labels.length; n += 1) {
    if (labels[n] && isSpeck[labels[n] - 1]) kept.pixels[n] = 0;
  }
  return kept;
}

// Labels the parts that hang together, corners included: 0 for paper, then 1, 2, 3 ...
function connectedParts({ width, height, pixels }) {
  const labels = new Int32Array(width * height);
  const waiting = new Int32Array(width * height);
  const parts = [];
  for (let start = 0; start < pixels.length; start += 1) {
    if (labels[start] || pixels[start] < MIN_INK) continue;
    const label = parts.length + 1;
    const box = emptyBox();
    let area = 0;
    let count = 1;
    waiting[0] = start;
    labels[start] = label;
    while (count) {
      const at = waiting[(count -= 1)];
      const y = Math.floor(at / width);
      const x = at - y * width;
      area += 1;
      widen(box, x, y);
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
          const next = row * width + column;
          if (labels[next] || pixels[next] < MIN_INK) continue;
          labels[next] = label;
          waiting[count] = next;
          count += 1;
        }
      }
    }
    parts.push({ area, side: Math.max(box.right - box.left, box.bottom - box.top) + 1 });
  }
  return { labels, parts };
}

const emptyBox = () => ({ left: Infinity, right: -1, top: Infinity, bottom: -1 });

function widen(box, x, y) {
  if (x < box.left) box.left = x;
  if (x > box.right) box.right = x;
  if (y < box.top) box.top = y;
  if (y > box.bottom) box.bottom = y;
}

function crop(ink) {
  const found = emptyBox();
  for (let y = 0, n = 0; y < ink.height; y += 1) {
    for (let x = 0; x < ink.width; x += 1, n += 1) if (ink.pixels[n] >= MIN_INK) widen(found, x, y);
  }
  const box = image(found.right - found.left + 1, found.bottom - found.top + 1);
  for (let row = 0; row < box.height; row += 1) {
    const from = (found.top + row) * ink.width + found.left;
    box.pixels.set(ink.pixels.subarray(from, from + box.width), row * box.width);
  }
  return box;
}

function withMargin(ink, margin) {
  const wide = image(ink.width + 2 * margin, ink.height + 2 * margin);
  for (let row = 0; row < ink.height; row += 1) {
    const line = ink.pixels.subarray(row * ink.width, (row + 1) * ink.width);
    wide.pixels.set(line, (row + margin) * wide.width + margin);
  }
  return wide;
}

// The mean width of the strokes. Along the middle of a stroke the distance to paper is half its
// width; the mean over all its pixels is half of that.
function strokeWidth(ink) {
  const distances = distancesToPaper(ink);
  let sum = 0;
  let count = 0;
  for (let n = 0; n < distances.length; n += 1) {
    sum += distances[n]; // 0 on paper
    if (distances[n]) count += 1;
  }
  return count ? (4 * sum) / count : 1;
}

// Distances by a mask of 5 x 5 (Borgefors 1986), in pixels: a step ahead costs 1, across a corner
// 1.4, and a knight's move 2.1969, each rounded to 1/65536.
function distancesToPaper({ width, height, pixels }) {
  const [ahead, corner, knight] = [65536, 91750, 143976];
  // Paper lies all around, two pixels wide so that a knight can look.
  const wide = width + 4;
  const costs = new Int32Array(wide * (height + 4));
  const cheapest = (cost, at, way) =>
    Math.min(
      cost,
      costs[at - way * (2 * wide + 1)] + knight,
      costs[at - way * (2 * wide - 1)] + knight,
      costs[at - way * (wide + 2)] + knight,
      costs[at - way * (wide + 1)] + corner,
      costs[at - way * wide] + ahead,
      costs[at - way * (wide - 1)] + corner,
      costs[at - way * (wide - 2)] + knight,
      costs[at - way] + ahead,
    );
  for (let row = 0, n = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, n += 1) {
      const at = (row + 2) * wide + column + 2;
      if (pixels[n] >= 0.5) costs[at] = cheapest(2 ** 29, at, 1);
    }
  }
  const distances = new Float64Array(width * height);
  for (let row = height - 1, n = distances.length - 1; row >= 0; row -= 1) {
    for (let column = width - 1; column >= 0; column -= 1, n -= 1) {
      const at = (row + 2) * wide + column + 2;
      if (!costs[at]) continue;
      costs[at] = cheapest(costs[at], at, -1);
      distances[n] = costs[at] / 65536;
    }
  }
  return distances;
}

// Narrows strokes that are far too wide, so that loops open again.
function thin(ink) {
  const shrink = longerSide(ink) / BOX;
  const width = strokeWidth(ink);
  const reach = roundEven((width - THINNED_STROKE * shrink) / 2);
  if (shrink < 1.5 || width < THICK_STROKE * shrink || reach < 1 || isBlot(ink)) return ink;
  const narrowed = negative(dilated(negative(withMargin(ink, reach)), reach));
  if (largest(narrowed) < MIN_INK) return ink;
  const cropped = crop(narrowed);
  const lost = Math.max(ink.width - cropped.width, ink.height - cropped.height);
  return lost <= 2 * reach + MAX_LOSS * longerSide(ink) ? cropped : ink;
}

// Whether the ink fills its box in both directions: there is no stroke to narrow.
function isBlot(ink) {
  const filled = ink.pixels.reduce((count, value) => count + (value >= 0.5 ? 1 : 0), 0);
  const isBox = Math.min(ink.width, ink.height) > 0.4 * longerSide(ink);
  return isBox && filled / ink.pixels.length > 0.9;
}

// Widens thin strokes, which would fade when they are shrunk.
function thicken(ink) {
  const shrink = longerSide(ink) / BOX;
  const reach = roundEven((STROKE_WIDTH * shrink - strokeWidth(ink)) / 2);
  if (shrink < 1.5 || reach < 1) return ink;
  if (reach > MAX_REACH) return thicken(halve(ink));
  return dilated(withMargin(ink, reach), reach);
}

// Gives each pixel the largest value under a round brush around it (dilation). What is outside the
// picture does not count. Of a negative picture it finds the smallest values (erosion).
function dilated({ width, height, pixels }, reach) {
  const result = new Float32Array(width * height).fill(-Infinity);
  const halfWidths = Array.from({ length: reach + 1 }, (_, down) =>
    roundEven(reach * Math.sqrt((reach * reach - down * down) / (reach * reach))),
  );
  let rows = pixels; // the largest of the pixels up to `half` to the left and right
  for (let half = 0; half <= reach; half += 1) {
    if (half) rows = wider(rows, width, half === 1);
    halfWidths.forEach((wanted, down) => {
      if (wanted !== half) return;
      raise(result, rows, down * width);
      if (down) raise(result, rows, -down * width);
    });
  }
  return { width, height, pixels: result };
}

function raise(result, rows, shift) {
  const end = Math.min(rows.length, rows.length - shift);
  for (let at = Math.max(0, -shift); at < end; at += 1) {
    if (rows[at + shift] > result[at]) result[at] = rows[at + shift];
  }
}

function wider(rows, width, isFirst) {
  const result = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += width) {
    for (let column = 0; column < width; column += 1) {
      const left = rows[start + Math.max(0, column - 1)];
      const right = rows[start + Math.min(width - 1, column + 1)];
      const most = left > right ? left : right;
      result[start + column] = isFirst ? Math.max(most, rows[start + column]) : most;
    }
  }
  return result;
}

const negative = (ink) => ({ ...ink, pixels: ink.pixels.map((value) => -value) });

// Halves both sides: of each 2 x 2 pixels the darkest.
function halve(ink) {
  const small = image(Math.ceil(ink.width / 2), Math.ceil(ink.height / 2));
  ink.pixels.forEach((value, n) => {
    const [x, y] = [n % ink.width, Math.floor(n / ink.width)];
    const at = Math.floor(y / 2) * small.width + Math.floor(x / 2);
    small.pixels[at] = Math.max(small.pixels[at], value);
  });
  return small;
}

// Scales the ink until its longer side is 20 pixels.
function fit(ink) {
  const scale = BOX / longerSide(ink);
  const width = Math.max(1, roundEven(ink.width * scale));
  const height = Math.max(1, roundEven(ink.height * scale));
  const shares = scale < 1 ? areaShares : cubicShares;
  const scaled = resized(ink, shares(ink.width, width), shares(ink.height, height));
  const most = Math.fround(Math.max(largest(scaled), 1e-6));
  scaled.pixels.forEach((value, n) => {
    scaled.pixels[n] = clip(value / most, 0, 1);
  });
  return scaled;
}

// Weights each old column and row by its shares in the new ones.
function resized(ink, columnShares, rowShares) {
  const narrow = image(columnShares.length, ink.height);
  for (let row = 0; row < ink.height; row += 1) {
    columnShares.forEach((shares, column) => {
      let sum = 0;
      for (const [from, share] of shares) {
        sum = Math.fround(sum + Math.fround(ink.pixels[row * ink.width + from] * share));
      }
      narrow.pixels[row * narrow.width + column] = sum;
    });
  }
  const small = image(columnShares.length, rowShares.length);
  rowShares.forEach((shares, row) => {
    for (let column = 0; column < small.width; column += 1) {
      let sum = 0;
      for (const [from, share] of shares) {
        sum = Math.fround(sum + Math.fround(narrow.pixels[from * narrow.width + column] * share));
      }
      small.pixels[row * small.width + column] = sum;
    }
  });
  return small;
}

// For each new pixel the old ones that it covers, with the share of each (OpenCV's INTER_AREA).
function areaShares(before, after) {
  const scale = 1 / (after / before);
  return Array.from({ length: after }, (_, place) => {
    const start = place * scale;
    const end = start + scale;
    const covered = Math.min(scale, before - start);
    const last = Math.min(Math.floor(end), before - 1);
    const first = Math.min(Math.ceil(start), last);
    const shares = [];
    if (first - start > 1e-3) shares.push([first - 1, Math.fround((first - start) / covered)]);
    for (let at = first; at < last; at += 1) shares.push([at, Math.fround(1 / covered)]);
    if (end - last > 1e-3) {
      shares.push([last, Math.fround(Math.min(Math.min(end - last, 1), covered) / covered)]);
    }
    return shares;
  });
}

// Of four neighbours a cubic curve's value between the middle two (OpenCV's INTER_CUBIC).
function cubicShares(before, after) {
  if (before === after) return Array.from({ length: after }, (_, place) => [[place, 1]]);
  const bend = -0.75;
  return Array.from({ length: after }, (_, place) => {
    const at = Math.fround((place + 0.5) * (before / after) - 0.5);
    const first = Math.floor(at);
    const x = at - first;
    const near = (t) => ((bend + 2) * t - (bend + 3)) * t * t + 1;
    const far = (t) => ((bend * t - 5 * bend) * t + 8 * bend) * t - 4 * bend;
    const shares = [far(x + 1), near(x), near(1 - x)];
    shares.push(1 - shares[0] - shares[1] - shares[2]);
    return shares.map((share, n) => [clip(first - 1 + n, 0, before - 1), Math.fround(share)]);
  });
}

// Puts the centre of mass in the middle. Sums are rounded where NumPy rounds them: the centre of
// even ink can lie exactly between two pixels.
function place({ width, height, pixels }) {
  const rows = new Float32Array(height);
  const columns = new Float32Array(width);
  for (let row = 0; row < height; row += 1) {
    const line = pixels.subarray(row * width, (row + 1) * width);
    rows[row] = pairwiseSum(line);
    line.forEach((value, column) => {
      columns[column] += value;
    });
  }
  const weight = pairwiseSum(pixels);
  const moment = (sums) => sums.reduce((total, value, n) => total + value * n, 0);
  const start = (sums) => roundEven((SIZE - 1) / 2 - moment(sums) / weight);
  const top = clip(start(rows), 0, SIZE - height);
  const left = clip(start(columns), 0, SIZE - width);
  const input = new Float32Array(SIZE * SIZE);
  for (let row = 0; row < height; row += 1) {
    input.set(pixels.subarray(row * width, (row + 1) * width), (top + row) * SIZE + left);
  }
  return input;
}

// The sum as NumPy adds float32 values: in eight columns, and long rows by halves.
function pairwiseSum(values) {
  const { length } = values;
  if (length > 128) {
    const half = Math.floor(length / 2) - (Math.floor(length / 2) % 8);
    return Math.fround(pairwiseSum(values.subarray(0, half)) + pairwiseSum(values.subarray(half)));
  }
  if (length < 8) return values.reduce((sum, value) => Math.fround(sum + value), 0);
  const sums = values.slice(0, 8);
  const whole = length - (length % 8);
  for (let n = 8; n < whole; n += 1) sums[n % 8] += values[n];
  const add = (one, other) => Math.fround(one + other);
  let total = add(
    add(add(sums[0], sums[1]), add(sums[2], sums[3])),
    add(add(sums[4], sums[5]), add(sums[6], sums[7])),
  );
  for (let n = whole; n < length; n += 1) total = add(total, values[n]);
  return total;
}
