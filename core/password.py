"""The password of a server for a class: who knows it may train, save and delete there.

Who has given it is remembered in this process, by the visitor's id, for a while: neither the
browser nor a link holds the password. Without a password everybody may do everything.
"""

from __future__ import annotations

import hmac
import math
import threading
import time
from collections import deque
from collections.abc import Callable

from core.errors import InvalidInput, LimitReached, PasswordRequired

UNLOCKED_SECONDS = 12 * 3600.0
MAX_WAIT_SECONDS = 60.0
MAX_WRONG, WRONG_SECONDS = 120, 60.0  # wrong tries of all people together, in so many seconds
MAX_PEOPLE = 10_000  # whose wrong tries are remembered


class PasswordGuard:
    """Knows the password, and who has given it. Safe to use from any thread.

    Each wrong try makes that person wait twice as long as the one before, up to a minute. Whoever
    comes as another person each time meets the limit for all together.

    Args:
        password: the password; None where there is none.
        clock: the time in seconds. Defaults to one that never goes back.
    """

    def __init__(self, password: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._password = password
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}  # by person
        self._wrong: dict[str, tuple[int, float]] = {}  # by person: how often, and when next
        self._all_wrong: deque[float] = deque(maxlen=MAX_WRONG)

    @property
    def required(self) -> bool:
        """Whether there is a password at all."""
        return self._password is not None

    def knows(self, person: str) -> bool:
        """Whether somebody may give commands: they have given the password, or there is none."""
        if self._password is None:
            return True
        with self._lock:
            return self._clock() < self._until.get(person, -math.inf)

    def check(self, person: str) -> None:
        """Raises PasswordRequired unless somebody may give commands."""
        if not self.knows(person):
            raise PasswordRequired(
                "On this server, training, saving and deleting need the teacher's password. Give it"
                " at the top of this page, under “Teacher's password”. Everything else is open."
            )

    def unlock(self, person: str, attempt: str) -> None:
        """Lets somebody give commands from now on, if they know the password.

        Args:
            person: their id.
            attempt: what they take for the password.

        Raises:
            LimitReached: if they, or all people together, were wrong too often just now. Then the
                attempt was not even compared.
            InvalidInput: if it is wrong.
        """
        if self._password is None:
            return
        with self._lock:
            now = self._clock()
            times, ready = self._wrong.get(person, (0, -math.inf))
            if len(self._all_wrong) == MAX_WRONG:
                ready = max(ready, self._all_wrong[0] + WRONG_SECONDS)
            if now < ready:
                raise LimitReached(
                    f"There were wrong tries just now. Wait {math.ceil(ready - now)} s, then try"
                    " again."
                )
            if hmac.compare_digest(self._password.encode(), attempt.encode(errors="replace")):
                self._wrong.pop(person, None)
                self._until = {who: end for who, end in self._until.items() if end > now}
                self._until[person] = now + UNLOCKED_SECONDS
                return
            self._all_wrong.append(now)
            wait = min(2.0 ** min(times, 10), MAX_WAIT_SECONDS)
            self._wrong.pop(person, None)  # the newest come last
            self._wrong[person] = (times + 1, now + wait)
            while len(self._wrong) > MAX_PEOPLE:
                del self._wrong[next(iter(self._wrong))]
        raise InvalidInput("That is not the password.")

    def lock(self, person: str) -> None:
        """Takes the right from somebody again."""
        with self._lock:
            self._until.pop(person, None)
