"""The README's pictures, taken of the running app: `make screenshots`.

Each picture shows a page in use, not a fresh one. The app runs on a copy of the bundled models, so
what a person trained here is neither shown nor changed. With MNIST on the machine the pictures of
training and noise show real handwriting.
"""

import io
import math
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect, sync_playwright

from core.noise.base import LEVELS
from tests.browser.conftest import CHROMIUM_NAMES, CHROMIUM_OPTIONS, NO_CHROMIUM
from tests.running_app import REPOSITORY, running_app

FOLDER = REPOSITORY / "docs"
SEGMENT_NETWORKS = (
    "seven-segment",
    *(f"seven-segment-{noise}" for noise in ("flip", "missing", "extra", "one-fault")),
)
BUNDLED = (*SEGMENT_NETWORKS, "handwritten", "handwritten-dense", "handwritten-cnn")
WIDTH = 1280
MARGIN = 40  # pixels below the last thing on the page
COLOURS = 128  # enough for two inks, their smoothed edges and three curves
PATIENCE = 180_000  # milliseconds; the first training run waits for the worker processes

DRAWN_EPOCHS, ALL_EPOCHS = 13, 20
SEARCH_RUNS = 12
# The two bows of a 3: middle, half width and half height in shares of the canvas, and from which
# to which angle the pen goes (in degrees, 0 to the right, 90 up).
BOWS = ((0.48, 0.34, 0.16, 0.15, 160, -85), (0.48, 0.65, 0.19, 0.17, 85, -155))


def main() -> None:
    """Takes every picture."""
    FOLDER.mkdir(exist_ok=True)
    with app_with_bundled_models() as url, browser_pages(url) as open_page:
        light, dark = open_page("light"), open_page("dark")
        seven_segment(light)
        save(light, "seven-segment")
        seven_segment(dark)
        save(dark, "seven-segment-dark")
        atlas(light)
        save(light, "atlas")
        draw(light)
        save(light, "draw")
        number(light)
        save(light, "number")
        noise(light)
        save(light, "noise", height=1420)
        evaluate(light)
        save(light, "evaluate", height=1700)
        inside(light)
        save(light, "inside")
        compare(light)
        save(light, "compare")
        api(light)
        save(light, "api", height=800)
        runs(light)
        save(light, "runs")
        search(light)
        save(light, "search", height=1420)
        # Last: the page goes on moving while its picture is taken.
        train(light)
        save(light, "train")


def seven_segment(page: Page) -> None:
    """An 8 whose segment a has gone dark."""
    visit(page, "")
    page.get_by_role("button", name="Show digit 8").click()
    page.get_by_role("switch", name="Segment a").click()
    expect(page.get_by_text("1 segment away")).to_be_visible()
    expect(page.locator(".digit-lab-answer")).to_have_text("8")
    await_charts(page, 1)


def atlas(page: Page) -> None:
    """All patterns in the colours of the network's answers."""
    visit(page, "atlas")
    expect(page.locator(".gallery .tile")).to_have_count(128)


def draw(page: Page) -> None:
    """A 3 drawn by mouse, and its reading."""
    visit(page, "draw")
    canvas = page.locator("canvas").last
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box is not None
    points = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in pen_positions()
    ]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=2)
    page.mouse.up()
    expect(page.locator(".digit-lab-answer")).to_have_text("3")
    expect(page.locator(".st-key-stages img")).to_have_count(4)
    await_charts(page, 1)


def number(page: Page) -> None:
    """A photograph of 407 on ruled paper, in the light of a lamp."""
    visit(page, "draw", **{"from": "file", "as": "number"})
    file: FilePayload = {"name": "paper.png", "mimeType": "image/png", "buffer": photograph()}
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".digit-lab-answer")).to_have_text("407")
    expect(page.locator(".digit-lab-boxes")).to_be_visible()


def photograph() -> bytes:
    """Makes the picture of such a sheet: PNG."""
    import cv2
    import numpy as np

    down, across = np.mgrid[:420, :900]
    paper = 240 - 80 * across / 900 - 40 * down / 420
    paper[45::50] -= 30
    ink = np.zeros(paper.shape, np.float32)
    circle = [(0.5 + 0.32 * math.sin(a / 9), 0.5 - 0.45 * math.cos(a / 9)) for a in range(58)]
    strokes = (
        (170, [(0.5, 0.05), (0.1, 0.62), (0.85, 0.62)]),
        (170, [(0.68, 0.35), (0.62, 1.0)]),
        (390, circle),
        (590, [(0.1, 0.08), (0.8, 0.05), (0.35, 1.0)]),
        (590, [(0.3, 0.5), (0.75, 0.48)]),
    )
    for left, points in strokes:
        path = (np.array(points) * (170, 210) + (left, 110)).astype(np.int32)
        cv2.polylines(ink, [path], False, 1, 13, cv2.LINE_AA)
    grain = np.random.default_rng(0).normal(0, 3, paper.shape)
    image = paper * (1 - 0.75 * ink) + grain
    colours = np.stack([image * 0.94, image, image], axis=-1)  # blue, green, red
    _, png = cv2.imencode(".png", np.clip(colours, 0, 255).astype(np.uint8))
    return png.tobytes()


def pen_positions() -> Iterator[tuple[float, float]]:
    """Yields where the pen goes for a 3, in shares of the canvas."""
    for x, y, half_width, half_height, first, last in BOWS:
        for angle in range(first, last, -5):
            turned = math.radians(angle)
            yield x + half_width * math.cos(turned), y - half_height * math.sin(turned)


def train(page: Page) -> None:
    """A run in its middle, with curves that say something already."""
    # Small steps, so that there is something to see: with the usual ones all is over in an epoch.
    wanted = {"epochs": ALL_EPOCHS, "batch_size": 128, "learning_rate": 0.0001}
    start_training(page, task="handwritten", recipe="dense", **wanted)
    under_way = re.compile(rf"Epoch {DRAWN_EPOCHS + 1} of {ALL_EPOCHS}, about")
    expect(page.get_by_text(under_way)).to_be_visible(timeout=PATIENCE)
    await_charts(page, 2)


def runs(page: Page) -> None:
    """Two runs that differ in their steps, side by side."""
    for rate in (0.01, 0.0003):
        start_training(page, task="seven-segment", recipe="fast", learning_rate=rate)
        expect(page.get_by_text("All epochs are done")).to_be_visible(timeout=PATIENCE)
    visit(page, "runs")
    await_charts(page, 2)


def search(page: Page) -> None:
    """A search through learning rates and layers that is over, run by run."""
    visit(page, "search", vary="learning_rate,hidden", trials=SEARCH_RUNS, view="runs")
    page.get_by_role("button", name="Start the search").click()
    over = page.get_by_text(f"All {SEARCH_RUNS} runs have ended")
    expect(over).to_be_visible(timeout=PATIENCE)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    expect(page.get_by_role("img", name="Every run").locator(".trace").first).to_be_visible()


def start_training(page: Page, **parameters: object) -> None:
    """Opens the Train page and starts the run that the parameters describe."""
    visit(page, "train", **parameters)
    page.get_by_role("button", name="Start training").click()
    await_run(page)


def noise(page: Page) -> None:
    """Curves of the five seven-segment networks where lamps fail, under the best possible."""
    visit(page, "noise", noise="missing", level=0.3, models=",".join(SEGMENT_NETWORKS))
    points = page.locator(".scatterlayer path.point")
    expect(points).to_have_count(len(SEGMENT_NETWORKS) * len(LEVELS), timeout=PATIENCE)
    expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=PATIENCE)
    await_charts(page, 1)


def evaluate(page: Page) -> None:
    """The classic convolutional network on its test pictures, and a cell of its confusions."""
    visit(page, "evaluate", model="handwritten-cnn")
    expect(page.get_by_role("heading", name="The mistakes")).to_be_visible(timeout=PATIENCE)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def inside(page: Page) -> None:
    """A difficult test picture on its way through the same network."""
    visit(page, "inside", model="handwritten-cnn", test=8)
    expect(page.get_by_text("Grad-CAM", exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=PATIENCE)


def compare(page: Page) -> None:
    """The dense network against the convolutional one, measured."""
    visit(page, "compare", task="handwritten")
    lead = page.get_by_text(re.compile("This (is hardly|may be) luck"))
    expect(lead.first).to_be_visible(timeout=PATIENCE)
    await_charts(page, 1)


def api(page: Page) -> None:
    """A pattern as a request, and the answer to it."""
    visit(page, "api", pattern="1110000")
    for _ in range(2):  # the first answer waits until the model is loaded
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_text("Status 200 OK")).to_be_visible(timeout=PATIENCE)


def visit(page: Page, path: str, **parameters: object) -> None:
    """Opens one of the app's pages and waits until it is drawn."""
    page.goto(f"/{path}?{urlencode(parameters)}")
    await_run(page)
    page.locator('[data-testid="stMainBlockContainer"] h1').first.wait_for()


def await_run(page: Page) -> None:
    """Waits until the app's script has nothing left to do."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def await_charts(page: Page, count: int) -> None:
    """Waits until that many charts are drawn."""
    drawn = page.locator(".digit-lab-plot", has=page.locator(".trace"))
    expect(drawn).to_have_count(count)


def save(page: Page, name: str, *, height: int = 0) -> None:
    """Writes a page as a PNG of few colours.

    Args:
        page: the page.
        name: of the file.
        height: in pixels, how much of it. Defaults to all.
    """
    # The page scrolls inside itself, so a picture of all of it needs a window of its height.
    height = height or page.get_by_test_id("stMainBlockContainer").evaluate(
        """block => Math.ceil(
            block.offsetTop + block.offsetHeight - parseFloat(getComputedStyle(block).paddingBottom)
        )"""
    )
    page.set_viewport_size({"width": WIDTH, "height": height + MARGIN})
    page.mouse.move(WIDTH - 1, height)  # away from what looks different under the mouse
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    file = FOLDER / f"{name}.png"
    # No dithering: it would speckle the flat ground and make the file larger.
    few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    print(
        f"{file.relative_to(REPOSITORY)}: {few.width}x{few.height}, {file.stat().st_size:,} bytes"
    )


@contextmanager
def app_with_bundled_models() -> Iterator[str]:
    """Starts the app with a copy of the models that the pictures show; yields its address."""
    with tempfile.TemporaryDirectory(prefix="digit-lab-screenshots-") as folder:
        models = Path(folder, "models")
        for name in BUNDLED:
            shutil.copytree(REPOSITORY / "saved_models" / name, models / name)
        with running_app(models, Path(folder)) as app:
            yield app.url


@contextmanager
def browser_pages(url: str) -> Iterator[Callable[[str], Page]]:
    """Starts Chromium; yields what opens a page in the "light" or "dark" theme."""
    program = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if program is None:
        sys.exit(NO_CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)

        def open_page(theme: str) -> Page:
            context = chromium.new_context(
                base_url=url,
                viewport={"width": WIDTH, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
            )
            return context.new_page()

        yield open_page
        chromium.close()


if __name__ == "__main__":
    main()
