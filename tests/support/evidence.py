"""What a failed browser test leaves behind: pictures, the console, the servers' logs."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

from tests.support.patience import PATIENCE


@dataclass
class Evidence:
    """Gathers while a test runs what explains its failure.

    Attributes:
        pages: those that the test opened.
        console: what their consoles said, a line each.
        logs: the log file of each server that the test used, and where in it the test began.
    """

    pages: list[Page] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    logs: dict[Path, int] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        """Listens to a page from now on."""
        number = len(self.pages) + 1
        self.pages.append(page)

        def on_console(message: ConsoleMessage) -> None:
            address = message.location.get("url", "")
            self.console.append(f"page {number}, {message.type}: {message.text} ({address})")

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.console.append(f"page {number}, uncaught: {error}"))

    def read_on(self, log: Path) -> None:
        """Takes a server's log from its present end on."""
        self.logs.setdefault(log, log.stat().st_size if log.exists() else 0)

    def log(self) -> str:
        """Returns what the servers have written during the test."""
        parts = []
        for log, start in self.logs.items():
            with log.open("rb") as file:
                file.seek(start)
                parts.append(file.read().decode("utf-8", errors="replace"))
        return "\n".join(parts)

    def save(self, folder: Path, test: str) -> list[Path]:
        """Writes all of it into a folder.

        Args:
            folder: made if it is not there.
            test: the test's name, of which the files' names are made.

        Returns:
            The files: of each page a picture and its HTML, then the console and the log.
        """
        folder.mkdir(exist_ok=True)
        stem = re.sub(r"[^\w.-]+", "-", test).strip("-")[-120:]
        files = []
        for number, page in enumerate(self.pages, start=1):
            picture, html = folder / f"{stem}-{number}.png", folder / f"{stem}-{number}.html"
            try:
                page.screenshot(path=picture, full_page=True, timeout=1000 * PATIENCE)
                html.write_text(page.content(), encoding="utf-8")
            except Exception as error:  # it is closed, or hangs; what failed first matters more
                self.console.append(f"page {number} cannot be shown: {error}")
                continue
            files += [picture, html]
        for name, text in (("console.txt", "\n".join(self.console)), ("server.log", self.log())):
            file = folder / f"{stem}-{name}"
            file.write_text(text, encoding="utf-8")
            files.append(file)
        return files
