"""`make faults`: a thousand filings with evidence while everything breaks, in one table."""

import argparse
import secrets
import shutil
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from tests.faults.breaking import FAULTS
from tests.faults.run import Figures, run

COLUMNS = [item.name for item in fields(Figures) if item.name not in ("title", "problems")]


def main() -> int:
    """Print the figures; return 1 where anything is lost, doubled or unclear."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--filings", type=int, default=1000, help="of all faults together")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="repeats a run, nearly")
    parser.add_argument("--only", default="", help="faults whose title has this in it")
    asked = parser.parse_args()
    kinds = [kind for kind in FAULTS if asked.only in kind.title]
    print(f"seed {asked.seed}")
    print(f"{'':32}" + "".join(f"{name:>13}" for name in COLUMNS), flush=True)
    found = []
    for number, kind in enumerate(kinds):
        if why := kind.missing():
            print(f"{kind.title:32} not done: {why}", flush=True)
            continue
        filings = asked.filings // len(kinds) + (number < asked.filings % len(kinds))
        folder = Path(tempfile.mkdtemp(prefix="intake-faults-"))
        try:
            found.append(run(kind, filings, asked.seed, folder / "one"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(line(found[-1]), flush=True)
    total = Figures("all", *(sum(getattr(one, name) for one in found) for name in COLUMNS))
    print(line(total))
    for one in found:
        for problem in one.problems[:10]:
            print(f"{one.title}: {problem}")
    return 0 if found and all(one.is_good for one in found) else 1


def line(figures: Figures) -> str:
    """Return a line of the table."""
    return f"{figures.title:32}" + "".join(f"{getattr(figures, name):>13}" for name in COLUMNS)


sys.exit(main())
