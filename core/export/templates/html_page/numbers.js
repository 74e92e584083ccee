// Small functions that several parts need.

const clip = (value, low, high) => Math.min(high, Math.max(low, value));

// Rounds a half to the even neighbour, as Python and NumPy do.
function roundEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
