"""`oppman demo`: data to try the app with."""

from datetime import datetime
from typing import Annotated

import typer

from oppman import console
from oppman.options import Host, Json, PasswordStdin, Port, Yes

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Load realistic data, or run the whole demo.")

Rows = Annotated[
    int | None,
    typer.Option(min=1, max=100_000_000, help="How many products; the rest in proportion.", show_default="200"),
]


Password = Annotated[str | None, typer.Option(help="That of the demo users; a random one if not given.")]


@app.command()
def load(
    rows: Rows = None,
    seed: Annotated[int | None, typer.Option(help="Another seed gives other rows, the same one the same.")] = None,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day that dates are relative to; today if not given."),
    ] = None,
    password: Password = None,
    password_stdin: PasswordStdin = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Add demo data: products, webinars, registrations, and users with roles.

    Loading again adds only what is missing, nothing if all is there. --rows N makes N rows of each resource, or what
    its module in webapp/demo makes of N: N products, a webinar for a hundred of them (30 at least) with twelve
    registrations on average, and a user for a thousand beside the first 15. The demo users that can log in get one
    random password, which is shown once; or give one with --password, with --password-stdin or in OPPMAN_PASSWORD.

    \b
    Example:
      oppman demo load
      oppman demo load --rows 1000000 --seed 7
      oppman demo load --password-stdin < secret.txt
    """
    from dataclasses import asdict

    from oppman.contract import Contract
    from oppman.demo import data, report
    from oppman.people import passwords
    from oppman.project import Project

    contract = Contract(Project.here())
    given = password or passwords.given(password_stdin)
    data.confirm_in_production(contract, yes)
    used = given or data.fresh_password()
    loaded = data.load(contract, used, rows=rows, seed=seed, day=day.date() if day else None)
    shown = None if given or not any(login.opened for login in loaded.logins) else used
    if as_json:
        console.json({**asdict(loaded), "password": shown})
    else:
        report.loaded(loaded, shown)


@app.command()
def unload(yes: Yes = False, as_json: Json = False) -> None:
    """Remove the demo data and nothing else.

    The demo's rows go, changed ones too. What you added stays. A demo row that one of yours cannot do without, such as
    a webinar that somebody registered for, stays as well and is yours from then on; where a reference may be empty,
    such as the host of a webinar of yours, it becomes empty.

    \b
    Example:
      oppman demo unload
      oppman demo unload --yes --json
    """
    from dataclasses import asdict

    from oppman.contract import Contract
    from oppman.demo import data, report
    from oppman.project import Project

    contract = Contract(Project.here())
    report.confirm_unload(data.status(contract), yes)
    unloaded = data.unload(contract)
    if as_json:
        console.json(asdict(unloaded))
    else:
        report.unloaded(unloaded, data.count_superusers(contract))


@app.command()
def status(as_json: Json = False) -> None:
    """Count the rows of the demo beside all there are.

    \b
    Example:
      oppman demo status
      oppman demo status --json
    """
    from oppman.contract import Contract
    from oppman.demo import data
    from oppman.project import Project

    counts = data.status(Contract(Project.here()))
    if as_json:
        console.json(counts)
    else:
        console.table(("table", "demo rows", "all rows"), [tuple(count.values()) for count in counts])


@app.command()
def run(
    rows: Rows = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser once the app answers.")] = True,
    password: Password = None,
    password_stdin: PasswordStdin = False,
    yes: Yes = False,
) -> None:
    """Set everything up, load the demo data and serve the app.

    From a fresh checkout: .env with a fresh secret, the database, its migrations and the built-in roles, each only if
    it is missing; then the demo data, how to log in, and the app with reload. Ctrl-C stops it.

    \b
    Example:
      oppman demo run
      oppman demo run --port 0 --no-open
    """
    from oppman.contract import Contract
    from oppman.demo.whole import run as run_whole
    from oppman.people import passwords
    from oppman.project import Project

    contract = Contract(Project.here())
    given = password or passwords.given(password_stdin)
    run_whole(contract, host, port, rows=rows, password=given, show=show, yes=yes)
