// Landmarks of a hand: moved and scaled so that neither its place nor its size matters.

const MIDDLE = 0.5; // where the wrist is

// Returns float32, 63 values in 0..1; null if all points lie at one place.
function normalisedHand(values) {
  const moved = values.map((value, n) => value - values[n % 3]);
  let size = 0;
  for (let n = 0; n < moved.length; n += 3) {
    size = Math.max(size, Math.sqrt(moved[n] ** 2 + moved[n + 1] ** 2 + moved[n + 2] ** 2));
  }
  if (size === 0) return null;
  return Float32Array.from(moved, (value) => clip(MIDDLE + value / (2 * size), 0, 1));
}
