"""`oppman test`."""

import typer

app = typer.Typer(add_completion=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(ctx: typer.Context) -> None:
    """Run the tests of this project.

    Every further argument goes to pytest, and pytest's exit code comes back.

    \b
    Example:
      oppman test
      oppman test tests/unit -k product -x
    """
    import signal
    import subprocess
    import sys
    from importlib.util import find_spec

    from oppman.errors import WrongEnvironment
    from oppman.project import Project

    project = Project.here()
    if find_spec("pytest") is None:
        raise WrongEnvironment(
            f"pytest is not installed in {sys.prefix}.",
            "`uv sync` installs what the project's tests need, or `pip install pytest`.",
        )
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for pytest, which ends with its summary
    raise SystemExit(subprocess.run([sys.executable, "-m", "pytest", *ctx.args], cwd=project.root).returncode)
