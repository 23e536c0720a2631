"""CPU time of `oppman scaffold resource` with ten fields beside `django-admin startapp`, and in a project with many.

    uv run python bench/scaffold.py [--resources 200] [--runs 9] [--fresh]

The large project is made on the first call, by as many runs of the command (a minute or two), and kept; `--fresh`
makes it anew. The sides take turns and each run is undone before the next one, which is not measured. Ratios are taken
run by run; figures are medians. Linux and macOS.
"""

import argparse
import itertools
import random
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from startup import DJANGO, OPPMAN, WORK, Pair, measure, set_up

FIELDS = [
    "title:str:max=200:searchable", "isbn:str:unique", "price:decimal:10.2:min=0", "published:date:optional",
    "status:enum:draft/live:default=draft", "summary:text:optional", "pages:int:min=1", "website:url:optional",
    "in_print:bool:default=true", "editor:ref:User:optional",
]  # fmt: skip
LIMIT = 1.5
COLOURS = (
    "Red", "Blue", "Green", "Grey", "Black", "White", "Amber", "Coral", "Ivory", "Olive", "Ruby", "Teal", "Azure",
    "Beige", "Khaki", "Lilac", "Mauve", "Ochre",
)  # fmt: skip
THINGS = ("Lamp", "Desk", "Chair", "Shelf", "Rug", "Bowl", "Vase", "Cup", "Tray", "Clock", "Stool", "Bench")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", type=int, default=200)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--peer-python", default=sys.executable, help="for Django: version 6 needs Python 3.12")
    args = parser.parse_args()
    set_up(args.peer_python)
    few, many = project(0, fresh=args.fresh), project(args.resources, fresh=args.fresh)
    startapp = Pair("startapp", [], [str(DJANGO / "django-admin"), "startapp", "book"], LIMIT, fresh=("book",))
    rows: dict[str, list[float]] = {"few": [], "many": [], "startapp": [], "help": [], "help in many": []}
    for _ in range(args.runs + 1):
        rows["few"].append(scaffold(few))
        rows["many"].append(scaffold(many))
        rows["startapp"].append(measure(startapp, startapp.theirs).cpu_ms)
        for name, folder in (("help", few), ("help in many", many)):
            pair = Pair(name, [str(OPPMAN), "--help"], [], LIMIT, cwd=folder)
            rows[name].append(measure(pair, pair.ours).cpu_ms)
    print(f"{'scaffold resource, ten fields':40}{'ms':>8}{'beside':>8}{'ratio':>8}{'limit':>7}   CPU, {args.runs} runs")
    report("beside django-admin startapp", rows["few"], rows["startapp"], LIMIT)
    report(f"with {args.resources} resources, beside none", rows["many"], rows["few"], LIMIT)
    report("oppman --help there, beside none", rows["help in many"], rows["help"], 1.0)


def report(what: str, ours: list[float], beside: list[float], limit: float) -> None:
    ours, beside = ours[1:], beside[1:]  # the first run finds nothing compiled
    ratio = statistics.median(a / b for a, b in zip(ours, beside, strict=True))
    print(f"{what:40}{statistics.median(ours):8.0f}{statistics.median(beside):8.0f}{ratio:8.2f}{limit:7.1f}")


def project(resources: int, *, fresh: bool) -> Path:
    """A project with that many scaffolded resources."""
    folder = WORK / f"resources-{resources}"
    if fresh or not folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([str(OPPMAN), "new", folder.name, "--no-git"], cwd=WORK, check=True, capture_output=True)
        for number, name in enumerate(itertools.islice(names(), resources)):
            print(f"\r{number + 1} of {resources}", end="", file=sys.stderr)
            run(folder, "resource", name, *FIELDS)
        print(file=sys.stderr)
    return folder


def names() -> Iterator[str]:
    yield from (colour + thing for thing in THINGS for colour in COLOURS)


def scaffold(folder: Path) -> float:
    """CPU milliseconds, those of the processes that it calls included."""
    name = "Zebra" + "".join(random.choices("aeiou", k=8))  # a new one: the runs that made it before are looked up
    pair = Pair("resource", [str(OPPMAN), "scaffold", "resource", name, *FIELDS], [], LIMIT, cwd=folder)
    taken = measure(pair, pair.ours).cpu_ms
    run(folder, "undo", "--yes")
    return taken


def run(folder: Path, *arguments: str) -> None:
    done = subprocess.run([str(OPPMAN), "scaffold", *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


if __name__ == "__main__":
    main()
