"""The listening socket. The supervisor opens it and keeps it, so that the port is never free between two workers."""

import errno
import socket

from oppman.errors import Refused

BACKLOG = 2048
TRIES = 100


def listen(host: str, port: int, command: str) -> socket.socket:
    """A socket that listens on `host` and `port` (0 picks a free one).

    `command` is the command line that a hint repeats with another port. Raises Refused if the address cannot be had.
    """
    try:
        return _open(host, port)
    except socket.gaierror:
        raise Refused(
            f"{host!r} is no address of this machine.", "Listen on 127.0.0.1, or on 0.0.0.0 for every interface."
        ) from None
    except OSError as problem:
        raise _refusal(problem, host, port, command) from None


def url(listener: socket.socket) -> str:
    """The address to type into a browser on this machine."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def next_free(host: str, port: int) -> int | None:
    """The first port above `port` that could be opened, if there is one near."""
    for candidate in range(port + 1, min(port + TRIES, 65536)):
        try:
            _open(host, candidate).close()
        except OSError:
            continue
        return candidate
    return None


def _open(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def _refusal(problem: OSError, host: str, port: int, command: str) -> Refused:
    if problem.errno in {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", None)}:
        free = next_free(host, port)
        return Refused(
            f"Port {port} on {host} is taken by another process.",
            f"Port {free} is free: `{command} --port {free}`." if free else "`--port 0` picks a free one.",
        )
    if problem.errno in {errno.EACCES, getattr(errno, "WSAEACCES", None)}:
        return Refused(
            f"Port {port} may not be opened by this user.", f"Ports from 1024 on may be: `{command} --port 8000`."
        )
    if problem.errno == errno.EADDRNOTAVAIL:
        return Refused(
            f"{host!r} is no address of this machine.", "Listen on 127.0.0.1, or on 0.0.0.0 for every interface."
        )
    return Refused(f"{host}:{port} cannot be opened: {problem.strerror or problem}.", "Choose another with --port.")
