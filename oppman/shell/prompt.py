"""Running Python with top-level await: a script, the prompt of the standard library, or IPython's."""

import ast
import asyncio
import code
import inspect
import linecache
import sys
import types
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from oppman import console

After = Callable[[], Awaitable[None]]
"""Awaited after each input."""


def execute(source: str, name: str, namespace: dict[str, Any], runner: asyncio.Runner) -> None:
    """Run `source` as a module with top-level await. What it raises is raised."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # for the lines of a traceback
    compiled = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    _run(compiled, namespace, runner)


def interact(banner: str, namespace: dict[str, Any], runner: asyncio.Runner, after: After) -> None:
    """Ask for input until the end of the file or `exit()`; IPython does it if it is installed."""
    from importlib.util import find_spec

    console.note(banner)
    if find_spec("IPython") is not None:
        _interact_with_ipython(namespace, runner, after)
    else:
        _complete_with(namespace)
        _Console(namespace, runner, after).interact(banner="", exitmsg="")


def traceback_of(problem: BaseException, name: str) -> str:
    """The traceback of `problem` from the first frame of the file `name` on: without ours."""
    import traceback

    report = traceback.TracebackException.from_exception(problem)
    first = next((index for index, frame in enumerate(report.stack) if frame.filename == name), len(report.stack))
    del report.stack[:first]
    return "".join(report.format()).rstrip()


class _Console(code.InteractiveConsole):
    """The standard prompt, each input run in one event loop that lives as long as the prompt."""

    def __init__(self, namespace: dict[str, Any], runner: asyncio.Runner, after: After) -> None:
        super().__init__(namespace)
        self.compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._runner, self._after = runner, after

    def runcode(self, code: types.CodeType) -> None:
        try:
            _run(code, self.locals, self._runner)
        except SystemExit:
            raise
        except (KeyboardInterrupt, asyncio.CancelledError):
            console.note("\nKeyboardInterrupt")
        except BaseException as problem:
            console.note(traceback_of(problem, self.filename))
        try:
            self._runner.run(_awaiting(self._after))
        except Exception as problem:
            console.note(traceback_of(problem, self.filename))


def _run(compiled: types.CodeType, namespace: Any, runner: asyncio.Runner) -> None:
    result = types.FunctionType(compiled, namespace)()
    if inspect.iscoroutine(result):
        runner.run(result)


async def _awaiting(after: After) -> None:
    await after()


def _complete_with(namespace: dict[str, Any]) -> None:
    """Tab completes, and the arrows bring back what was typed, where the platform has readline."""
    if sys.platform == "win32":
        return
    with suppress(ImportError):
        import readline
        from rlcompleter import Completer

        if hook := getattr(sys, "__interactivehook__", None):
            hook()
        readline.set_completer(Completer(namespace).complete)


def _interact_with_ipython(namespace: dict[str, Any], runner: asyncio.Runner, after: After) -> None:
    from importlib import import_module

    application = import_module("IPython.terminal.ipapp").TerminalIPythonApp.instance(
        display_banner=False, user_ns=namespace
    )
    application.initialize(argv=[])
    application.shell.loop_runner = runner.run
    application.shell.autoawait = True
    application.shell.events.register("post_run_cell", lambda _result: runner.run(_awaiting(after)))
    application.start()
