"""Where a password comes from: standard input, the environment or a prompt. Never an argument, never echoed."""

import os
import sys
from collections.abc import Callable

from oppman import console
from oppman.errors import NotAsked, Refused

VARIABLE = "OPPMAN_PASSWORD"
FLAG = "--password-stdin"
MAX_BYTES = 4096


def given(from_stdin: bool) -> str | None:
    """The password that came with the command: the first line of standard input if `from_stdin`, else OPPMAN_PASSWORD.

    None if there is none, and where standard input is a terminal, which would echo it: ask for it there.
    """
    if from_stdin:
        return None if sys.stdin.isatty() else _first_line()
    return os.environ.get(VARIABLE) or None


def ask(who: str, check: Callable[[str], None], asked: bool = True) -> str:
    """Ask for a new password for `who`, twice, until `check` accepts it (it raises Refused with what is wrong).

    Raises NotAsked, naming the ways to give one, where there is no terminal or nothing shall be `asked`.
    """
    if not asked or not console.interactive():
        raise NotAsked(
            f"{who} needs a password.",
            f"Pipe it in with {FLAG}, or set the variable {VARIABLE}.",
        )
    while True:
        password = console.ask_secret(f"Password for {who}:", FLAG)
        try:
            check(password)
        except Refused as problem:
            console.error(problem)
            continue
        if console.ask_secret("The same again:", FLAG) == password:
            return password
        console.warn("These were two different passwords. Once more, please.")


def _first_line() -> str:
    # Bytes, so that neither the console's code page nor a mark that PowerShell puts first can change the password.
    line = sys.stdin.buffer.readline(MAX_BYTES)
    try:
        password = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refused("The password on standard input is not UTF-8 text.") from None
    if not password:
        raise Refused(f"{FLAG} was given, but the first line of standard input is empty.")
    return password
