"""The running app and a real browser, for journeys through the pages.

A test asks for `page` (a fresh one each time) and usually for `visit`, which opens one of the
app's pages and waits until it is drawn. `open_page` makes further pages, such as a dark or a
touch one. Nothing here sleeps: every wait is for something that can be seen, and all have the
same patience.

All tests share one browser and one server with its workers. A test that kills or inspects its
server says so by asking for `own_server`. After a failed test the shared server starts anew, so
that what that test left under way disturbs no other.

Most of what a browser does in these tests is to compile Streamlit's JavaScript, for each page
anew. Only a browser with a profile on disk keeps what it has compiled. So a test's first page is
in that profile, without cookies and storage of the tests before, unless it needs more than a size
and a theme; all others have contexts of their own.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    TimeoutError,
    expect,
    sync_playwright,
)

from tests.browser.pictures import ONE, jpeg, photograph
from tests.running_app import REPOSITORY, STREAMLIT, RunningApp, running_app, tail
from tests.support.evidence import Evidence
from tests.support.patience import PATIENCE, wait_until

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
    # Scripts run too briefly for the compilers that make fast code slowly to be worth their time.
    "--js-flags=--no-maglev --no-turbofan",
    # No name but this machine's resolves, so the tests see what a person without internet sees.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
OF_A_PAGE = {"viewport", "color_scheme"}  # options that a page can be given by itself
LIST_RETRY = 5_000  # milliseconds until a list of choices that has closed is opened again

# Opened at a page's own address, Streamlit's front end first looks for its server below that
# page, gets a 404, and then finds it at the root. The browser reports the miss as an error.
_PROBE = re.compile(r"/_stcore/(health|host-config)$")

_failed = pytest.StashKey[bool]()

expect.set_options(timeout=1000 * PATIENCE)


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
def server(chromium_path: str, app_models: Path) -> Iterator[RunningApp]:
    """The real app in a process of its own, for all tests that do it no harm."""
    with running_app(app_models, app_models.parent) as app:
        yield app


@pytest.fixture
def used_servers(request: pytest.FixtureRequest) -> Iterator[list[RunningApp]]:
    """The shared servers that a test uses; set up before its pages, it is torn down after them."""
    used: list[RunningApp] = []
    yield used
    if request.node.stash.get(_failed, False):
        for server in used:
            try:
                server.stop()
            finally:
                server.start()


@pytest.fixture
def app_url(server: RunningApp, evidence: Evidence, used_servers: list[RunningApp]) -> str:
    """Address of the app that the tests share: "http://localhost:PORT"."""
    evidence.read_on(server.log_file)
    used_servers.append(server)
    return server.url


@pytest.fixture
def own_server(
    app_models: Path, tmp_path: Path, evidence: Evidence
) -> Iterator[Callable[..., RunningApp]]:
    """Start a server for this test alone, which may kill it, stop it and start it again.

    Its argument is what Python runs before the port, in place of Streamlit with the app.
    """
    servers: list[RunningApp] = []

    def start_one(program: Sequence[str] = STREAMLIT) -> RunningApp:
        servers.append(RunningApp(app_models, tmp_path, program))
        evidence.read_on(servers[-1].log_file)
        servers[-1].wait_until_healthy()
        return servers[-1]

    yield start_one
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where several processes run tests, one of them drives the browser, and no other."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        owner = tmp_path_factory.getbasetemp().parent / "browser-process"
        if owner.exists() and psutil.pid_exists(int(owner.read_text())):
            pytest.fail("two processes drive browsers; see tests/conftest.py", pytrace=False)
        owner.write_text(str(os.getpid()))


@pytest.fixture(scope="session")
def profile(
    chromium_path: str, one_process: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A context whose compiled scripts are kept, in a Chromium whose camera sees a 1 on paper."""
    film = tmp_path_factory.mktemp("camera") / "one.mjpeg"
    film.write_bytes(jpeg(photograph(ONE)) * 2)
    options = [
        *CHROMIUM_OPTIONS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium_path,
            args=options,
            timeout=1000 * PATIENCE,
        )
        yield context
        context.close()


@pytest.fixture(scope="session")
def browser(profile: BrowserContext) -> Browser:
    """One headless Chromium for all tests, whose camera sees a 1 on lined paper."""
    assert profile.browser is not None
    return profile.browser


@pytest.fixture
def evidence() -> Evidence:
    """What explains a failure of the test."""
    return Evidence()


@pytest.fixture
def page_problems() -> list[str]:
    """What went wrong in the test's pages. A test that provokes an error clears the list."""
    return []


@pytest.fixture
def open_page(
    profile: BrowserContext,
    browser: Browser,
    evidence: Evidence,
    page_problems: list[str],
    used_servers: list[RunningApp],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """Make a page of a new visitor; options are those of Playwright's `Browser.new_context`.

    A console error, an uncaught exception or a request to another host, in any of the pages,
    fails the test when it ends.

    Example: `open_page(color_scheme="dark", has_touch=True)`
    """

    def open_one(**options: Any) -> Page:
        if options.keys() <= OF_A_PAGE and not any(p.context == profile for p in evidence.pages):
            context = profile
        else:
            context = browser.new_context(**options)
        context.set_default_timeout(1000 * PATIENCE)
        page = context.new_page()
        page.set_viewport_size(options.get("viewport", {"width": 1280, "height": 900}))
        page.emulate_media(color_scheme=options.get("color_scheme", "light"))
        evidence.watch(page)
        listeners.append(_watch(page, page_problems))
        return page

    listeners: list[Callable[[Request], None]] = []
    yield open_one
    kept = request.node.stash.get(_failed, False)
    if page_problems and not kept:
        evidence.save(RESULTS, request.node.name)
        kept = True
    for page, listener in zip(evidence.pages, listeners, strict=True):
        if page.context == profile:
            profile.remove_listener("request", listener)
            _forget(profile)
        else:
            page.context.close()
    if page_problems:
        request.node.stash[_failed] = True
        if not kept:  # it came at the very end, and no page can be shown any more
            evidence.save(RESULTS, request.node.name)
        pytest.fail("the page had problems:\n  " + "\n  ".join(page_problems), pytrace=False)


def _forget(profile: BrowserContext) -> None:
    """Ends a test's visit: closes its pages and removes what they have stored, not what is cached.

    One empty page stays, or the browser would end.
    """
    for page in profile.pages[1:]:
        if page.url.startswith("http"):
            session = profile.new_cdp_session(page)
            origin = urlsplit(page.url)._replace(path="", query="", fragment="").geturl()
            session.send(
                "Storage.clearDataForOrigin",
                {"origin": origin, "storageTypes": "cookies,local_storage,indexeddb"},
            )
        page.close()
    profile.clear_cookies()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A fresh page of 1280x900 with the light theme."""
    return open_page(color_scheme="light")


@pytest.fixture
def visit(app_url: str, page: Page) -> Callable[..., Page]:
    """Open one of the app's pages and wait until it is drawn: `visit("draw?model=...")`.

    A second argument opens it in another page than the test's `page`.
    """

    def visit_one(path: str = "", other: Page | None = None) -> Page:
        target = other or page
        target.goto(f"{app_url}/{path.lstrip('/')}")
        wait_until_drawn(target)
        target.locator('[data-testid="stMainBlockContainer"] h1').first.wait_for()
        return target

    return visit_one


def wait_until_drawn(page: Page) -> None:
    """Waits until no script of the page runs and the app's style is in force.

    Streamlit loads the part of it that shows a style later than the page: until then all the rest
    stands somewhere else.
    """
    app = page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')
    app.wait_for()
    styled = "app => getComputedStyle(app).getPropertyValue('--lab-ground') !== ''"
    wait_until(lambda: app.evaluate(styled), "the app's style is missing")


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
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            wait_until_drawn(page)
            if chosen.count():
                return
            box.evaluate("element => element.scrollIntoView({ block: 'center' })")
            box.click()
            try:
                option.click(timeout=LIST_RETRY)
                chosen.first.wait_for(timeout=LIST_RETRY)
                return
            except TimeoutError:
                page.keyboard.press("Escape")
        pytest.fail(f"the list with {name} does not stay open")

    return choose_one


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """After a failure, keep what the browser showed, its console and the server's log."""
    report = yield
    if report.skipped and NO_CHROMIUM in str(report.longrepr):
        # From one and the same place, so that pytest says it in one line and not once a test.
        report.longrepr = (__file__, 0, f"Skipped: {NO_CHROMIUM}")
    if report.failed:
        item.stash[_failed] = True
        evidence = getattr(item, "funcargs", {}).get("evidence")
        if evidence is not None:
            if report.when != "teardown":  # then it is kept already, and the pages are closed
                evidence.save(RESULTS, item.name)
            report.sections.append(("end of the app's log", tail(evidence.log())))
    return report


def _watch(page: Page, problems: list[str]) -> Callable[[Request], None]:
    """Write console errors, uncaught exceptions and requests to other hosts into `problems`.

    Returns what listens to the requests of the page's context.
    """

    def on_console(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type == "error" and not _PROBE.search(urlsplit(address).path):
            problems.append(f"console error: {message.text} ({address})")

    def on_address(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "localhost":
            problems.append(f"request to another host: {address}")

    def on_request(request: Request) -> None:
        on_address(request.url)

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"uncaught exception: {error}"))
    page.on("websocket", lambda websocket: on_address(websocket.url))
    # The context's event, unlike the page's, also tells of what workers and new tabs ask for.
    page.context.on("request", on_request)
    return on_request
