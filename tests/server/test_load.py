"""Many witnesses at once, and a power cut in the middle: nothing acknowledged is ever lost.

What a run measured stands in its JUnit file: `pytest -m slow --junitxml=… tests/server`.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from intake.client import Server
from intake.core.entry import Outer, ReportBody
from intake.crypto.opening import open_entry
from intake.crypto.seal import Sealed, SealedHeader
from intake.crypto.unseal import HybridIdentity, parse_identities_file
from tests.support.filing import OFFICES, PROGRAMME, Witness
from tests.support.server import DemoServer, started

CLIENTS = 8
NO_ANSWER = 0
FILL_SECONDS = 120
"""The longest the store is waited for; a thousand filings take about ten seconds."""

Record = Callable[[str, object], None]
Step = Callable[[Witness, DemoServer], int]


def all_at_once(
    server: DemoServer, witnesses: Sequence[Witness], step: Step = Witness.send
) -> Counter[int]:
    """Let eight clients do it; return how often each status was answered."""

    def one(witness: Witness) -> int:
        try:
            return step(witness, server)
        except (OSError, HTTPException):
            return NO_ANSWER

    with ThreadPoolExecutor(CLIENTS) as clients:
        return Counter(clients.map(one, witnesses))


def kill_when(server: DemoServer, cases: int) -> None:
    """Kill every process of the server once the store holds so many cases."""
    end = time.monotonic() + FILL_SECONDS
    while server.count_cases() < cases:
        assert time.monotonic() < end, "the store never held so many cases"
        time.sleep(0.001)
    server.kill()


def opened(server: DemoServer, office: str) -> Iterator[tuple[str, str]]:
    """Yield case and account of every entry that an office fetches and opens."""
    (identity,) = parse_identities_file(server.identity(office).read_text())
    assert isinstance(identity, HybridIdentity)
    for found in Server.at(server.origin).log_in(office, identity).entries():
        sealed = Sealed(SealedHeader(found.header), found.payload)
        outer = Outer(found.case, found.kind, office, found.entry)
        body = open_entry(sealed, [identity], outer, PROGRAMME).body
        assert isinstance(body, ReportBody)
        yield found.case, str(body.answers["account"])


def check_each_is_there_once(server: DemoServer, witnesses: Sequence[Witness]) -> None:
    """Every report opens at each of its offices, none is there twice, words are their own."""
    expected = Counter((witness.case, witness.account) for witness in witnesses)
    for office in OFFICES:
        assert Counter(opened(server, office)) == expected
    assert server.count_cases() == len(witnesses)
    assert [witness.words for witness in witnesses] == [w.own_words for w in witnesses]
    assert all_at_once(server, witnesses, Witness.come_back) == {200: len(witnesses)}


def cut_power(
    server: DemoServer, earlier: Sequence[Witness], witnesses: Sequence[Witness], record: Record
) -> None:
    """Kill the server in the middle of their filings, start it again, and look at all of them."""
    with ThreadPoolExecutor(1) as killer:
        killed = killer.submit(kill_when, server, len(earlier) + len(witnesses) // 2)
        outcomes = all_at_once(server, witnesses)
        killed.result()
    acknowledged = [witness for witness in witnesses if witness.words]
    unanswered = [witness for witness in witnesses if not witness.words]
    assert outcomes == {200: len(acknowledged), NO_ANSWER: len(unanswered)}
    assert acknowledged
    assert unanswered
    server.start()
    kept = dict(opened(server, OFFICES[0]))
    lost = [w for w in (*earlier, *acknowledged) if kept.get(w.case) != w.account]
    assert lost == []
    record(f"{len(witnesses)}: acknowledged before the power cut", len(acknowledged))
    record(
        f"{len(witnesses)}: kept without an answer", len(kept) - len(earlier) - len(acknowledged)
    )
    record(f"{len(witnesses)}: repeated", len(unanswered))
    assert all_at_once(server, unanswered) == {200: len(unanswered)}
    assert all_at_once(server, acknowledged[-CLIENTS:]) == {200: min(CLIENTS, len(acknowledged))}
    check_each_is_there_once(server, [*earlier, *witnesses])


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_a_power_cut(
    tmp_path: Path, record_testsuite_property: Record
) -> None:
    """Eighty filings from eight clients, with kill -9 in the middle; repeating is safe."""
    with started(folder=tmp_path / "server") as server:
        cut_power(server, [], [Witness(number) for number in range(80)], record_testsuite_property)


@pytest.mark.slow
def test_a_thousand_filings_and_a_power_cut_in_the_second_thousand(
    tmp_path: Path, record_testsuite_property: Record
) -> None:
    """No error, no lost case, no duplicate; each repeats into its own words."""
    with started(folder=tmp_path / "server") as server:
        first = [Witness(number) for number in range(1000)]
        begin = time.monotonic()
        assert all_at_once(server, first) == {200: len(first)}
        record_testsuite_property(
            "filings a second", round(len(first) / (time.monotonic() - begin))
        )
        check_each_is_there_once(server, first)
        second = [Witness(number) for number in range(1000, 2000)]
        cut_power(server, first, second, record_testsuite_property)
