"""`oppman demo run`, from a fresh checkout to a page that answers, and once more."""

import http.client
import json
import re
import socket
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest

from command_line import Run
from servers import Server, ask

pytestmark = pytest.mark.e2e


def token(server: Server, email: str, password: str) -> tuple[int, str]:
    """Log in through the API."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"username": email, "password": password})
    return ask(server.port, "POST", "/api/auth/token", body, form)


def test_a_fresh_checkout_runs_and_says_how_to_log_in(project: Path, run: Run) -> None:
    with Server("demo", "run", "--no-open", cwd=project) as server:
        assert len(json.loads(server.get("/api/products?limit=100")[1])["items"]) == 100
        assert "Book a place" in server.get("/")[1]
        assert server.get("/docs")[0] == 200
        password = re.search(r"shown this once: (\S+)", server.output)
        assert password
        logins = re.findall(r"\S+@demo\.example\.com", server.output)
        assert len(logins) == 7
        for email in logins:
            status, body = token(server, email, password[1])
            assert status == 200, body
        assert token(server, "superuser@demo.example.com", "another password")[0] == 401
        assert all(f"/{page}" in server.output for page in ("admin", "docs"))
        server.interrupt()
        assert server.wait() == 0
        server.is_gone()
    secret = (project / ".env").read_text()
    assert re.search(r"^SECRET_KEY=\S{60,}$", secret, re.MULTILINE)

    with Server("demo", "run", "--no-open", cwd=project) as server:
        assert token(server, "sales@demo.example.com", password[1])[0] == 200
        assert password[1] not in server.output
        assert "shown this once" not in server.output
        assert "oppman users set-password superuser@demo.example.com" in server.output
        server.process.terminate()
        server.wait()
        server.is_gone()
    assert (project / ".env").read_text() == secret
    counts = json.loads(run("demo", "status", "--json", cwd=project).stdout)
    assert [(count["demo"], count["total"]) for count in counts] == [(n, n) for n in (200, 15, 30, 360)]


def test_a_password_of_ones_own_works_at_once_and_is_not_shown(project: Path) -> None:
    with Server("demo", "run", "--no-open", cwd=project, env={"OPPMAN_PASSWORD": "quiet copper lantern"}) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        body = urlencode({"email": "superuser@demo.example.com", "password": "quiet copper lantern"})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        connection.request("POST", "/login", body, headers)
        answer = connection.getresponse()
        connection.close()
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        assert answer.status == 303, answer.read()
        status, page = server.get("/account", {"Cookie": cookie})
        assert status == 200
        assert "superuser@demo.example.com" in page
        assert "copper" not in server.output


def test_a_port_that_is_taken_is_told_before_anything_is_made(project: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("demo", "run", "--no-open", "--port", str(taken.getsockname()[1]), cwd=project)
    assert done.code == 1
    assert "is taken by another process" in done.stderr
    assert "oppman demo run --port" in done.stderr
    assert not (project / ".env").exists()
    assert not (project / "app.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER names no command there")
def test_the_browser_is_opened_once_the_page_answers(project: Path, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    fake = tmp_path / "browser"
    fake.write_text(
        f"#!{sys.executable}\nimport sys, urllib.request\n"
        f"page = urllib.request.urlopen(sys.argv[1]).read().decode()\n"
        f"open({str(opened)!r}, 'w').write(sys.argv[1] + '\\n' + page)\n"
    )
    fake.chmod(0o755)
    with Server("demo", "run", cwd=project, env={"BROWSER": str(fake)}) as server:
        server.until(lambda: opened.exists() and "</html>" in opened.read_text(), "the browser was opened")
        address, _, page = opened.read_text().partition("\n")
        assert address == f"http://127.0.0.1:{server.port}"
        assert "Book a place" in page
