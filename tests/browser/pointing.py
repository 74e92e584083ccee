"""Where things are in the window, for the mouse or a finger."""

from playwright.sync_api import FloatRect, Locator

from tests.support.patience import wait_until

# Where an element is after a tenth of a second in which it has neither moved nor been replaced.
_PLACE = """
async (element) => {
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const look = () => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  };
  const before = look();
  await new Promise((done) => setTimeout(done, 100));
  const after = look();
  const still = JSON.stringify(after) === JSON.stringify(before);
  return element.isConnected && after.width && still ? after : null;
}
"""


def place_of(locator: Locator) -> FloatRect:
    """Scrolls to an element and returns where it is, once it stands still.

    Playwright's own `bounding_box` gives up on an element that is replaced while it looks, as
    those of charts and sheets are when they are drawn anew.
    """
    found: list[FloatRect] = []

    def look() -> bool:
        place = locator.evaluate(_PLACE)
        if place:
            found.append(place)
        return bool(place)

    wait_until(look, "it does not stand still")
    return found[0]
