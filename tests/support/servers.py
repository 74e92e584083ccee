"""Servers that share a database, in one process, and what may happen to them."""

from sqlalchemy import update

from core.database import Database, ServerRow
from core.runs.manager import Runs
from core.runs.servers import Servers
from core.settings import Settings
from tests.support.jobs import HandPlayedWorkers
from tests.support.patience import wait_until


class PlayedServer:
    """A server whose workers are played by hand.

    Args:
        url: of its database.
        limits: what a person may ask for. Defaults to what servers allow.
        workers: those that it uses. Defaults to its own.

    Attributes:
        database: of its own connection.
        runs, workers: of the server.
    """

    def __init__(self, url, *, limits=None, workers=None):
        self.database = Database(url)
        self.workers = workers or HandPlayedWorkers()
        self.runs = Runs(self.database, self.workers, limits or Settings())

    def job(self, count=1):
        """Waits until so many jobs were handed over and returns the newest of these."""
        wait_until(lambda: len(self.workers.jobs) >= count)
        return self.workers.jobs[count - 1]

    def kill(self):
        """Ends it without a farewell."""
        stop_beating(self.runs.servers)
        self.runs._inbox.put(None)
        self.runs._thread.join()
        change_row(self.database, self.runs.servers, started=1.0)

    def fall_asleep(self):
        """Has the others find it gone, though it goes on later."""
        stop_beating(self.runs.servers)
        change_row(self.database, self.runs.servers, started=1.0)

    def close(self):
        self.runs.close()
        self.database.close()


def look_often(monkeypatch) -> None:
    """Has servers look around many times a second: for commands, leases and free workers."""
    monkeypatch.setattr("core.runs.servers.BEAT_SECONDS", 0.05)
    monkeypatch.setattr("core.runs.servers.PULSE_SECONDS", 0.02)
    monkeypatch.setattr("core.runs.dispatcher.RETRY_SECONDS", 0.02)


def stop_beating(servers: Servers) -> None:
    servers._over.set()
    servers._thread.join()


def change_row(database: Database, servers: Servers, **values) -> None:
    """Changes what a server has written down of itself."""
    with database.session() as session:
        session.execute(update(ServerRow).where(ServerRow.token == servers.token).values(**values))
