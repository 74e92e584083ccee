"""What the components send to the browser: their own JavaScript and CSS, read from beside them."""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path(__file__).parent


def source(*names: str) -> str:
    """Returns files of this folder one after the other, as one text made compact.

    A component is one text without imports, so what two of them share stands in a file of its
    own, put before each.

    Comments on lines of their own and indentation are left out. Streamlit sends the whole source
    with every answer. At 10,000 bytes a message enters its cache, where clicks faster than the
    answers can find an entry expired ("Cached ForwardMsg MISS"), which ends the browser's
    connection.

    Args:
        names: the files' names, in the order in which they are to be read.
    """
    text = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)
    bare = re.sub(r"^\s*(//.*|/\*.*\*/)$", "", text, flags=re.MULTILINE)
    return "\n".join(line.strip() for line in bare.splitlines() if line.strip())
