// The shared part of all galleries: tiles side by side, each a button if it can be opened. All the
// buttons together are one tab stop (a "roving tabindex"): the arrow keys move the stop and the
// focus. A view has `tiles` in their order, and `current`, the index of the stop.

const views = new WeakMap();

// Streamlit calls a component again at each change of data or theme, on the same node.
function viewOf(parent, setTriggerValue) {
  if (!views.has(parent)) {
    const root = document.createElement("div");
    root.setAttribute("role", "group");
    const view = { root, shown: "", tiles: [], current: 0 };
    root.addEventListener("keydown", (event) => move(view, event));
    parent.append(root);
    views.set(parent, view);
  }
  const view = views.get(parent);
  view.open = (name) => setTriggerValue("opened", name);
  return view;
}

// Whether the content differs from last time.
function isNew(view, shown) {
  const before = view.shown;
  view.shown = JSON.stringify(shown);
  return view.shown !== before;
}

// Puts the view's tiles into the page, with headings if there are any; the stop is at `current`.
function place(view, data, nodes) {
  const hadFocus = view.root.contains(view.root.getRootNode().activeElement);
  view.root.className = `gallery ${data.size ?? ""}`;
  view.root.setAttribute("aria-label", data.label);
  view.root.replaceChildren(...nodes);
  if (!data.opens || !view.tiles.length) return;
  view.tiles[view.current].tabIndex = 0;
  if (hadFocus) view.tiles[view.current].focus();
}

function createTile(view, data, { name, label, hover }) {
  const node = document.createElement(data.opens ? "button" : "div");
  node.className = "tile";
  node.title = hover ?? label;
  node.setAttribute("aria-label", label);
  if (!data.opens) {
    node.setAttribute("role", "img");
    return node;
  }
  node.type = "button";
  node.tabIndex = -1;
  node.addEventListener("click", () => {
    stopAt(view, view.tiles.indexOf(node));
    view.open(name);
  });
  return node;
}

function createCaption(text) {
  const caption = document.createElement("span");
  caption.className = "caption";
  caption.textContent = text;
  return caption;
}

function stopAt(view, index) {
  view.tiles[view.current].tabIndex = -1;
  view.current = index;
  view.tiles[index].tabIndex = 0;
}

function move(view, event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const last = view.tiles.length - 1;
  const here = view.tiles.indexOf(event.target);
  if (here < 0) return;
  const target = {
    ArrowRight: () => Math.min(here + 1, last),
    ArrowLeft: () => Math.max(here - 1, 0),
    ArrowDown: () => inNextRow(view.tiles, here, 1),
    ArrowUp: () => inNextRow(view.tiles, here, -1),
    Home: () => 0,
    End: () => last,
  }[event.key]?.();
  if (target === undefined) return;
  event.preventDefault(); // the arrow keys would scroll the page
  stopAt(view, target);
  view.tiles[target].focus();
}

// A row has as many tiles as fit, so the page must say which tile is below.
function inNextRow(tiles, here, step) {
  const { offsetTop, offsetLeft } = tiles[here];
  let found = here;
  for (let index = here + step; tiles[index]; index += step) {
    const tile = tiles[index];
    if (tile.offsetTop === offsetTop) continue;
    if (found !== here && tile.offsetTop !== tiles[found].offsetTop) break;
    const distance = (node) => Math.abs(node.offsetLeft - offsetLeft);
    if (found === here || distance(tile) < distance(tiles[found])) found = index;
  }
  return found;
}
