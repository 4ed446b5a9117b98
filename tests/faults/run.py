"""One fault, with people who file meanwhile, and what became of them."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event

from tests.faults.breaking import Fault
from tests.faults.looking import look
from tests.faults.people import Person, Scripted, Unscripted

CLIENTS = 8


@dataclass
class Figures:
    """What one fault did to so many people; everything but `seconds` is a number of times."""

    title: str
    sent: int = 0
    acknowledged: int = 0
    opened: int = 0
    lost: int = 0
    doubled: int = 0
    unclear: int = 0
    refused: int = 0
    broken: int = 0
    faults: int = 0
    seconds: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether everybody was told that it is kept, it is, once, and nobody got a riddle."""
        return (
            self.sent == self.acknowledged == self.opened
            and not (self.lost or self.doubled or self.unclear or self.problems)
            and self.faults > 0
        )


def run(kind: type[Fault], filings: int, seed: str, folder: Path) -> Figures:
    """Let eight clients file while a fault strikes again and again; then look."""
    began = time.monotonic()
    fault = kind(folder, Random(f"{seed}/{kind.title}"))  # noqa: S311 - the same in each run
    figures = Figures(kind.title, sent=filings)
    try:
        fault.start()
        people = [
            (Scripted, Unscripted)[number % 2](number, f"{seed}/{kind.title}", fault.keyring())
            for number in range(filings)
        ]
        figures.faults = _all_at_once(fault, people)
        _count(figures, people)
        _look(figures, fault, [person for person in people if person.kept])
        figures.problems += fault.problems + _log(fault, people)
    finally:
        fault.stop()
    figures.seconds = round(time.monotonic() - began)
    return figures


def _all_at_once(fault: Fault, people: Sequence[Person]) -> int:
    """Let everybody file while the fault strikes; return how often it did."""
    done, given_up = Event(), Event()
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        striking = pool.submit(_strike, fault, people, done, given_up)
        trying = [pool.submit(person.persist, fault.server, given_up) for person in people]
        for one in trying:
            one.result()
        done.set()
        return striking.result()


def _strike(fault: Fault, people: Sequence[Person], done: Event, given_up: Event) -> int:
    """Strike until everybody is done; one that cannot be mended lets all give up."""
    blows = 0
    try:
        while not done.is_set() or not blows:
            blows += fault.strike(people)
    except BaseException:
        given_up.set()
        raise
    return blows


def _count(figures: Figures, people: Sequence[Person]) -> None:
    figures.acknowledged = sum(person.kept for person in people)
    figures.refused = sum(person.refused for person in people)
    figures.broken = sum(person.broken for person in people)
    riddles = [text for person in people for text in person.unclear]
    figures.unclear = len(riddles)
    figures.problems += [f"unclear: {text}" for text in riddles]


def _look(figures: Figures, fault: Fault, kept: Sequence[Person]) -> None:
    """Look each time that the fault says; what one look misses is missing."""
    missed: set[str] = set()
    doubled: set[str] = set()
    for expected, withdrawn in fault.looks(kept):
        seen = look(fault.server, expected, withdrawn)
        missed |= seen.lost
        doubled |= seen.doubled
        figures.problems += seen.problems
    figures.opened = len(kept) - len(missed)
    figures.lost, figures.doubled = len(missed), len(doubled)


def _log(fault: Fault, people: Sequence[Person]) -> list[str]:
    """Return what the server's log may not say: what was typed, or a traceback."""
    log = fault.server.log
    found = [f"the log tells what {p.account} typed" for p in people if p.account in log]
    at = log.find("Traceback")
    return [*found, *([f"the log has a traceback: {log[at : at + 2000]}"] if at >= 0 else [])]
