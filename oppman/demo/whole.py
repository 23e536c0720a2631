"""The whole demo, from a fresh checkout to a page in the browser."""

from oppman.contract import Contract
from oppman.demo import browser, data, report
from oppman.server.development import serve
from oppman.setup import set_up

COMMAND = "oppman demo run"


def run(
    contract: Contract, host: str, port: int, *, rows: int | None, password: str | None, show: bool, yes: bool
) -> None:
    """Set the project up, load the demo data, say how to log in and serve until a signal comes.

    What is there already stays. Raises Refused if the address cannot be had, before anything is made, and what each
    step raises.
    """

    def prepare(url: str) -> None:
        set_up(contract)
        data.confirm_in_production(contract, yes)
        fresh = data.fresh_password()
        loaded = data.load(contract, password or fresh, rows=rows)
        report.loaded(loaded, None if password else fresh)
        if show:
            browser.open_when_it_answers(url)

    serve(contract.project, host, port, reload=True, command=COMMAND, prepare=prepare)
