// Small pictures side by side, each a button where it can be opened. The arrow keys come from
// tile_keys.js, which is put before this.

const views = new WeakMap();

export default function pictureGallery({ data, parentElement, setTriggerValue }) {
  // Streamlit calls this again at each change of data or theme, on the same node.
  if (!views.has(parentElement)) views.set(parentElement, createView(parentElement));
  const view = views.get(parentElement);
  view.open = (name) => setTriggerValue("opened", name);
  const shown = JSON.stringify(data);
  if (view.shown === shown) return;
  view.shown = shown;
  draw(view, data);
}

function createView(parent) {
  const root = document.createElement("div");
  root.className = "gallery";
  root.setAttribute("role", "group");
  const view = { root, open: null, shown: "", tiles: [], current: 0 };
  root.addEventListener("keydown", (event) => move(view, event));
  parent.append(root);
  return view;
}

function draw(view, data) {
  const hadFocus = view.tiles.includes(view.root.getRootNode().activeElement);
  view.root.setAttribute("aria-label", data.label);
  view.tiles = data.pictures.map((picture) => createTile(view, data, picture));
  view.root.replaceChildren(...view.tiles);
  view.current = 0;
  if (!data.opens || !view.tiles.length) return;
  view.tiles[0].tabIndex = 0;
  if (hadFocus) view.tiles[0].focus();
}

function createTile(view, data, { name, png, label, captions, wrong }) {
  const node = document.createElement(data.opens ? "button" : "div");
  node.className = wrong ? "tile wrong" : "tile";
  node.title = label;
  node.setAttribute("aria-label", label);
  if (data.opens) {
    node.type = "button";
    node.tabIndex = -1;
    node.addEventListener("click", () => {
      stopAt(view, view.tiles.indexOf(node));
      view.open(name);
    });
  } else {
    node.setAttribute("role", "img");
  }
  const image = document.createElement("img");
  image.src = `data:image/png;base64,${png}`;
  image.alt = "";
  node.append(image, ...captions.map(createCaption));
  return node;
}

function createCaption(text) {
  const caption = document.createElement("span");
  caption.className = "caption";
  caption.textContent = text;
  return caption;
}
