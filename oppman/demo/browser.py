"""Showing the app in the browser, once it answers and where there is a screen."""

import os
import sys
import threading
import webbrowser
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

PATIENCE = 120
"""Seconds to wait for the first answer."""


def open_when_it_answers(url: str) -> None:
    """Open the page at `url` as soon as it can be had, from a thread that ends with the process."""
    if has_screen():
        threading.Thread(target=show, args=(url,), daemon=True).start()


def has_screen() -> bool:
    """Whether a browser could show itself to the person who typed the command."""
    if os.environ.get("BROWSER"):  # whoever sets it wants it
        return True
    if not sys.stderr.isatty() or os.environ.get("SSH_CONNECTION"):
        return False
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def show(url: str) -> None:
    """Wait for the first answer from `url` and open the page, unless the app fails."""
    # The socket listens from the beginning, so the one request waits in its queue until the app takes it.
    try:
        with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=PATIENCE):  # noqa: S310 - our own address
            pass
    except HTTPError as answer:
        if answer.code >= 500:
            return
    except (URLError, OSError):
        return
    webbrowser.open(url)
