// Small pictures side by side. The shared part of all galleries comes first, from gallery.js.

export default function pictureGallery({ data, parentElement, setTriggerValue }) {
  const view = viewOf(parentElement, setTriggerValue);
  if (!isNew(view, data)) return;
  view.tiles = data.pictures.map((picture) => createPictureTile(view, data, picture));
  view.current = 0;
  place(view, data, view.tiles);
}

function createPictureTile(view, data, { name, png, label, captions, wrong }) {
  const node = createTile(view, data, { name, label });
  if (wrong) node.classList.add("wrong");
  const image = document.createElement("img");
  image.src = `data:image/png;base64,${png}`;
  image.alt = "";
  node.append(image, ...captions.map(createCaption));
  return node;
}
