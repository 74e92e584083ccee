// Many buttons that are one tab stop together (a "roving tabindex"): the arrow keys move the stop
// and the focus. A view has `tiles`, the buttons in their order, and `current`, where the stop is.

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

// Rows have as many tiles as there is room for, so what is below is asked of the page.
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
