// A hand of 21 points that can be moved by mouse, finger or keyboard.

const POINT_STEP = 0.02; // that an arrow key moves a point

function createForm({ form, examples }, change) {
  const beginning = examples[0]?.values ?? Array(3 * form.labels.length).fill(0.5);
  let values = recall(areNumbers(3 * form.labels.length), [...beginning]);
  const lines = form.lines.map(() => makeSvg("polyline"));
  const points = form.labels.map((name, n) => {
    const point = makeSvg("circle", { r: 0.018, tabindex: 0, role: "slider" });
    point.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      move(n, values[3 * n] + way[0] * POINT_STEP, values[3 * n + 1] + way[1] * POINT_STEP);
    });
    point.addEventListener("pointerdown", (event) => {
      if (event.button === 0) point.setPointerCapture(event.pointerId);
    });
    point.addEventListener("pointermove", (event) => {
      if (!point.hasPointerCapture(event.pointerId)) return;
      const box = hand.getBoundingClientRect();
      move(n, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    return point;
  });
  const hand = makeSvg(
    "svg",
    { class: "hand", viewBox: "0 0 1 1", role: "group", "aria-label": "Hand" },
    ...lines,
    ...points,
  );
  const note = make(
    "p",
    { class: "note" },
    "Drag the points, or reach one with Tab and move it with the arrow keys. Its depth (z) stays.",
  );

  function move(n, x, y) {
    set(changed(changed(values, 3 * n, clip(x, 0, 1)), 3 * n + 1, clip(y, 0, 1)));
  }

  function set(those) {
    values = [...those];
    remember(values);
    show();
  }

  function show() {
    points.forEach((point, n) => {
      const [x, y] = [values[3 * n], values[3 * n + 1]];
      const place = `${Math.round(100 * x)} % across, ${Math.round(100 * y)} % down`;
      setAttributes(point, {
        cx: x,
        cy: y,
        "aria-label": form.labels[n],
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        "aria-valuenow": Math.round(100 * x),
        "aria-valuetext": place,
      });
    });
    form.lines.forEach((line, n) => {
      const places = line.map((point) => `${values[3 * point]},${values[3 * point + 1]}`);
      lines[n].setAttribute("points", places.join(" "));
    });
    change(normalisedHand(values));
  }

  return { nodes: [hand, note], examples: exampleButtons(examples, set), show };
}
