// A seven-segment display, whose segments are switched by mouse, finger or keyboard.

// Where each segment begins and ends, in a picture of 140 x 220.
const SEGMENTS = {
  a: [30, 20, 110, 20],
  b: [115, 25, 115, 105],
  c: [115, 115, 115, 195],
  d: [30, 200, 110, 200],
  e: [25, 115, 25, 195],
  f: [25, 25, 25, 105],
  g: [30, 110, 110, 110],
};

function createForm({ form, examples }, change) {
  let lit = recall(areNumbers(7), [...form.patterns[8]].map(Number));
  const lamps = form.labels.map((name, place) =>
    createLamp(name, () => set(changed(lit, place, 1 - lit[place]))),
  );
  const display = makeSvg(
    "svg",
    { class: "lamps", viewBox: "-15 0 170 220", role: "group", "aria-label": "Seven-segment display" },
    makeSvg("g", { transform: "translate(14 0) skewX(-6)" }, ...lamps),
  );
  const keys = form.patterns.map((pattern, digit) =>
    makeButton(String(digit), () => set([...pattern].map(Number)), {
      "aria-label": `Show digit ${digit}`,
    }),
  );
  const clear = makeButton("Clear", () => set(lit.map(() => 0)));
  const invert = makeButton("Invert", () => set(lit.map((value) => 1 - value)));
  const keypad = make("div", { class: "keys", role: "group", "aria-label": "Keypad" });
  keypad.append(...keys.slice(0, 5), clear, ...keys.slice(5), invert);

  function set(values) {
    lit = values;
    remember(lit);
    show();
  }

  function show() {
    lamps.forEach((lamp, place) => lamp.setAttribute("aria-checked", String(lit[place] === 1)));
    keys.forEach((key, digit) => {
      key.setAttribute("aria-current", String(form.patterns[digit] === lit.join("")));
    });
    change(Float32Array.from(lit));
  }

  return { nodes: [display, keypad], show };
}

function createLamp(name, toggle) {
  const [x, y] = [0, 1].map((n) => (SEGMENTS[name][n] + SEGMENTS[name][n + 2]) / 2);
  const lamp = makeSvg(
    "g",
    { class: "lamp", role: "switch", tabindex: 0, "aria-label": `Segment ${name}` },
    // The target is wider than what lights up, for fingers.
    makeSvg("polygon", { class: "target", points: outline(SEGMENTS[name], 22) }),
    makeSvg("polygon", { class: "shape", points: outline(SEGMENTS[name], 9) }),
    makeSvg("text", { x, y, "aria-hidden": "true" }, name),
  );
  lamp.addEventListener("click", toggle);
  lamp.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault(); // the space bar would scroll the page
    if (!event.repeat) toggle();
  });
  return lamp;
}

// A bar with pointed ends.
function outline([x1, y1, x2, y2], half) {
  const [along, down] = [Math.sign(x2 - x1), Math.sign(y2 - y1)];
  const corner = (x, y, forwards, aside) =>
    `${x + along * forwards - down * aside},${y + down * forwards + along * aside}`;
  return [
    corner(x1, y1, 0, 0),
    corner(x1, y1, half, -half),
    corner(x2, y2, -half, -half),
    corner(x2, y2, 0, 0),
    corner(x2, y2, -half, half),
    corner(x1, y1, half, half),
  ].join(" ");
}
