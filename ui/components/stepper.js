// Two buttons that count their clicks; Python takes the difference from the count that it knew. What
// sends comes first, from delivery.js.

// By the name that Python gave the session. They last as long as the browser's page.
const counts = new Map();
const views = new WeakMap();

export default function stepper({ data, parentElement, setStateValue }) {
  // Streamlit calls this again at each change of data, on the same node.
  if (!views.has(parentElement)) views.set(parentElement, createView(parentElement));
  const view = views.get(parentElement);
  if (!counts.has(data.owner)) counts.set(data.owner, data.steps);
  view.back.lastChild.textContent = data.back;
  view.forth.firstChild.textContent = data.forth;
  view.step = (direction) => {
    counts.set(data.owner, counts.get(data.owner) + direction);
    deliver(view.delivery, { owner: data.owner, steps: counts.get(data.owner) });
  };
  view.delivery.send = (value) => setStateValue("count", value);
  acknowledge(view.delivery, { owner: data.owner, steps: data.steps });
}

function createView(parent) {
  const view = {
    back: document.createElement("button"),
    forth: document.createElement("button"),
    delivery: createDelivery(parent),
  };
  const root = document.createElement("div");
  root.className = "steps";
  for (const [button, direction] of [
    [view.back, -1],
    [view.forth, 1],
  ]) {
    button.type = "button";
    button.addEventListener("click", () => view.step(direction));
  }
  view.back.append(createArrow("‹"), document.createElement("span"));
  view.forth.append(document.createElement("span"), createArrow("›"));
  root.append(view.back, view.forth);
  parent.append(root);
  return view;
}

function createArrow(sign) {
  const arrow = document.createElement("span");
  arrow.className = "arrow";
  arrow.setAttribute("aria-hidden", "true");
  arrow.textContent = sign;
  return arrow;
}
