"""The running app and a real browser, for journeys through the pages.

A test asks for `page` (a fresh one each time) and usually for `visit`, which opens one of the
app's pages and waits until it is drawn. `open_page` makes further pages, such as a dark or a
touch one. Nothing here sleeps: every wait is for something that can be seen.
"""

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    TimeoutError,
    sync_playwright,
)

from tests.running_app import REPOSITORY, running_app, tail

RESULTS = REPOSITORY / "test-results"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = "no Chromium on the PATH; on Debian: apt-get install chromium"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No name but this machine's resolves, so the tests see what a person without internet sees.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]

# Opened at a page's own address, Streamlit's front end first looks for its server below that
# page, gets a 404, and then finds it at the root. The browser reports the miss as an error.
_PROBE = re.compile(r"/_stcore/(health|host-config)$")

_log_file = pytest.StashKey[Path]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder `browser`, so that `-m "not browser"` leaves them out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser's program. Without one the tests are skipped, or fail where it is required."""
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    if os.environ.get("DIGIT_LAB_REQUIRE_BROWSER") == "1":
        pytest.fail(NO_CHROMIUM, pytrace=False)
    pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="session")
def app_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model folder of the running app: a copy, so that tests never write to the project's."""
    models = tmp_path_factory.mktemp("app") / "saved_models"
    bundled = REPOSITORY / "saved_models"
    if bundled.is_dir():
        shutil.copytree(bundled, models)
    else:
        models.mkdir()
    return models


@pytest.fixture(scope="session")
def app_url(
    chromium_path: str,
    app_models: Path,
    request: pytest.FixtureRequest,
) -> Iterator[str]:
    """Address of the real app in a process of its own, started once: "http://localhost:PORT"."""
    request.config.stash[_log_file] = app_models.parent / "server.log"
    with running_app(app_models, app_models.parent) as app:
        yield app.url


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One headless Chromium for all tests; each test gets its own context from `open_page`."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=CHROMIUM_OPTIONS, headless=True
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page_problems() -> list[str]:
    """What went wrong in the test's pages. A test that provokes an error clears the list."""
    return []


@pytest.fixture
def open_page(
    browser: Browser,
    app_url: str,
    page_problems: list[str],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """Make a page in a fresh context; options are those of Playwright's `Browser.new_context`.

    A console error, an uncaught exception or a request to another host, in any of the pages,
    fails the test when it ends.

    Example: `open_page(color_scheme="dark", has_touch=True)`
    """
    pages: list[Page] = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        page = context.new_page()
        _watch(page, app_url, page_problems)
        pages.append(page)
        return page

    open_one.pages = pages  # type: ignore[attr-defined]  # read when a test fails
    yield open_one
    if page_problems:
        _save_pages(request.node)
    for page in pages:
        page.context.close()
    if page_problems:
        pytest.fail("the page had problems:\n  " + "\n  ".join(page_problems), pytrace=False)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A fresh page of 1280x900 with the light theme."""
    return open_page(color_scheme="light")


@pytest.fixture
def visit(page: Page, app_url: str) -> Callable[..., Page]:
    """Open one of the app's pages and wait until it is drawn: `visit("draw?model=...")`.

    A second argument opens it in another page than the test's `page`.
    """

    def visit_one(path: str = "", other: Page | None = None) -> Page:
        target = other or page
        target.goto(f"{app_url}/{path.lstrip('/')}")
        target.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        target.locator('[data-testid="stMainBlockContainer"] h1').first.wait_for()
        return target

    return visit_one


@pytest.fixture
def go_to() -> Callable[[Page, str], None]:
    """Go to a page by the menu: `go_to(page, "Train")`."""

    def go_to_one(page: Page, title: str) -> None:
        item = page.get_by_role("menuitem", name=title, exact=True)
        for section in page.get_by_test_id("stTopNavSection").all():
            section.click()
            page.get_by_test_id("stTopNavPopover").wait_for()
            if item.count():
                item.click()
                return
            page.keyboard.press("Escape")
        pytest.fail(f"the menu does not lead to {title}")

    return go_to_one


@pytest.fixture
def choose_option() -> Callable[[Locator, str], None]:
    """Choose from a list: `choose_option(page.get_by_role("combobox"), "handwritten")`.

    A list closes again when the page below it is drawn anew, or scrolls; then it is opened again.
    A click on an option of a list that is just closing is lost as well.
    """

    def choose_one(box: Locator, name: str) -> None:
        page = box.page
        option = page.get_by_role("option", name=name, exact=True)
        widget = box.locator(
            "xpath=ancestor::*[@data-testid='stSelectbox' or @data-testid='stMultiSelect']"
        )
        chosen = widget.get_by_text(name, exact=True).or_(widget.locator(f'[value="{name}"]'))
        for _ in range(5):
            page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
            box.evaluate("element => element.scrollIntoView({ block: 'center' })")
            box.click()
            try:
                option.click(timeout=5_000)
                chosen.first.wait_for(timeout=5_000)
                return
            except TimeoutError:
                page.keyboard.press("Escape")
        pytest.fail(f"the list with {name} does not stay open")

    return choose_one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """After a failure, keep what the browser showed and print the end of the app's log."""
    report = yield
    if report.skipped and NO_CHROMIUM in str(report.longrepr):
        # From one and the same place, so that pytest says it in one line and not once a test.
        report.longrepr = (__file__, 0, f"Skipped: {NO_CHROMIUM}")
    if report.failed:
        if report.when == "call":
            _save_pages(item)
        log_file = item.config.stash.get(_log_file, None)
        if log_file is not None and log_file.exists():
            report.sections.append(("end of the app's log", tail(log_file)))
    return report


def _watch(page: Page, app_url: str, problems: list[str]) -> None:
    """Write console errors, uncaught exceptions and requests to other hosts into `problems`."""
    own_host = urlsplit(app_url).netloc

    def on_console(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type == "error" and not _PROBE.search(urlsplit(address).path):
            problems.append(f"console error: {message.text} ({address})")

    def on_address(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != own_host:
            problems.append(f"request to another host: {address}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"uncaught exception: {error}"))
    page.on("websocket", lambda websocket: on_address(websocket.url))
    # The context's event, unlike the page's, also tells of what workers and new tabs ask for.
    page.context.on("request", lambda request: on_address(request.url))


def _save_pages(item: pytest.Item) -> None:
    """Write a picture and the HTML of each open page of a failed test into `test-results/`."""
    open_one = getattr(item, "funcargs", {}).get("open_page")
    if open_one is None:
        return
    RESULTS.mkdir(exist_ok=True)
    name = re.sub(r"[^\w.-]+", "-", item.nodeid.removeprefix("tests/browser/")).strip("-")
    for number, page in enumerate(open_one.pages, start=1):
        stem = RESULTS / f"{name}-{number}"
        try:
            page.screenshot(path=f"{stem}.png", full_page=True, timeout=5_000)
            Path(f"{stem}.html").write_text(page.content(), encoding="utf-8")
        except Exception as error:  # the page may be gone; the test's own failure matters more
            item.add_report_section("call", "page not saved", str(error))
