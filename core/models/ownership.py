"""Whose a saved model is: a file of its own beside the card.

It lies in the model's folder, not in the database: it then comes into being, is renamed, replaced
and deleted together with the model, and every server and command that shares the folder sees the
same. It is not on the card, because people download cards.

A visitor's id is a secret. The file holds its HMAC under a random salt: nobody can get the id out
of it, nor tell that two models belong to the same person.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from core.files import read_file

OWNER_FILE = "owner.json"
_SALT_BYTES = 16


@dataclass(frozen=True)
class Owner:
    """The person that a model belongs to.

    Args:
        salt: random, in hexadecimal.
        digest: HMAC-SHA-256 of the person's id under it, in hexadecimal.
    """

    salt: str
    digest: str

    @classmethod
    def of(cls, person: str) -> Owner:
        """Returns an owner that only this person is.

        Args:
            person: the id of a visitor.
        """
        salt = secrets.token_hex(_SALT_BYTES)
        return cls(salt, _digest(salt, person))

    def matches(self, person: str) -> bool:
        """Whether it is this person."""
        return hmac.compare_digest(self.digest, _digest(self.salt, person))

    def to_bytes(self) -> bytes:
        """Returns the content of an OWNER_FILE."""
        return (json.dumps({"salt": self.salt, "digest": self.digest}) + "\n").encode()


# Where the file is there but says nothing: then it is not known whose the model is, so on a page
# it is nobody's.
UNKNOWN = Owner("", "")


def owner_of(folder: Path) -> Owner | None:
    """Returns the owner of the model in a folder; None if it is nobody's.

    That is where the command line saved it, or an older version that did not ask.
    """
    try:
        entries = json.loads(read_file(folder / OWNER_FILE))
        return Owner(str(entries["salt"]), str(entries["digest"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return UNKNOWN


def _digest(salt: str, person: str) -> str:
    return hmac.new(salt.encode(), person.encode(), hashlib.sha256).hexdigest()
