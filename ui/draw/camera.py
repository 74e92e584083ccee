"""Whether a browser lets a page open the camera."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.api.hosts import is_loopback


def camera_is_allowed(address: str | None) -> bool:
    """Returns whether a page at this address may open the camera.

    Browsers allow it to secure contexts only: https, or the computer itself (W3C, "Secure
    Contexts", section 3.1).

    Args:
        address: the page's address, as the browser has it; None if it is not known.
    """
    if not address:
        return True
    parts = urlsplit(address)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")
