"""Where a browser is opened, and when."""

import http.server
import sys
import threading
import webbrowser
from collections.abc import Iterator

import pytest

from oppman.demo import browser


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers with the status that its path names."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the system's browser was asked for."""
    addresses: list[str] = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


@pytest.mark.parametrize("status", [200, 404])
def test_the_browser_opens_when_the_app_answers(server: str, opened: list[str], status: int) -> None:
    browser.show(f"{server}/{status}")
    assert opened == [f"{server}/{status}"]


def test_the_browser_stays_closed_when_the_app_fails_or_is_gone(server: str, opened: list[str]) -> None:
    browser.show(f"{server}/500")
    browser.show("http://127.0.0.1:1/")
    assert opened == []


def test_a_browser_that_is_named_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "anything")
    assert browser.has_screen()


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there is always a screen")
def test_without_a_terminal_or_a_display_there_is_nobody_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    assert not browser.has_screen()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert not browser.has_screen()
    monkeypatch.setenv("DISPLAY", ":0")
    assert browser.has_screen()
    monkeypatch.setenv("SSH_CONNECTION", "elsewhere")
    assert not browser.has_screen()
