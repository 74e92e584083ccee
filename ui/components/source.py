"""The JavaScript and CSS of the components, read from the files beside them."""

from __future__ import annotations

from pathlib import Path

import rcssmin
import rjsmin

_FOLDER = Path(__file__).parent


def source(*names: str) -> str:
    """Returns files of this folder, joined into one compact text.

    A component is one text without imports, so code that two of them share is in a file of its
    own, which comes first in each.

    The text is minified, because Streamlit sends the whole source with every answer. A message of
    10,000 bytes enters its cache. There, clicks faster than the answers can find an entry expired
    ("Cached ForwardMsg MISS"), which ends the browser's connection.

    Args:
        names: the files' names, in the order in which they are read; all JavaScript or all CSS.
    """
    text = "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)
    if names[0].endswith(".css"):
        # Streamlit takes a text of a single line for the name of a file.
        return str(rcssmin.cssmin(text)).replace("}", "}\n", 1)
    return str(rjsmin.jsmin(text))
