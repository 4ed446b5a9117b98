"""Many witnesses at once, and a power cut in the middle: nothing acknowledged is ever lost."""

import json
import secrets
import subprocess
import sys
import threading
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest

from intake.core import programme as programmes
from intake.core import report
from intake.crypto.derive import FilingSecret
from intake.paths import shipped
from intake.wordlists import wordlist
from tests.support.server import DemoServer, started
from tests.support.site import Page

CLIENTS = 8
PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))


@dataclass
class Filing:
    """One witness's page: what it sends, and the words it will answer with."""

    number: int
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    answered: list[str] = field(default_factory=list)

    @property
    def account(self) -> str:
        """What happened to this witness and to no other."""
        return f"account number {self.number} of {self.secret.hex()[:8]}"

    @property
    def words(self) -> list[str]:
        """The ten words, computed apart from the server."""
        return list(FilingSecret(self.secret).receipt().words(wordlist("en")))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What the review page sends."""
        made = report.make({"account": self.account, "child": "yes"}, PROGRAMME, "en")
        secret = urlsafe_b64encode(self.secret).rstrip(b"=").decode()
        offices = [("office", "investigators"), ("office", "children")]
        return [("report", report.encode(made).decode()), ("secret", secret), *offices]

    def send(self, server: DemoServer) -> int:
        """Send it; return the status and keep the words of a good answer."""
        answer = server.post("/en/send", self.fields)
        if answer.status == 200:
            self.answered = Page.of(answer.text).words
        return answer.status


def send_all(server: DemoServer, filings: list[Filing]) -> Counter[str]:
    """Send from eight clients at once; return how often each thing was answered."""
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()
    waiting = iter(filings)

    def client() -> None:
        while True:
            with lock:
                filing = next(waiting, None)
            if filing is None:
                return
            try:
                outcome = str(filing.send(server))
            except (OSError, HTTPException):
                outcome = "no answer"
            with lock:
                outcomes[outcome] += 1

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def opened(server: DemoServer) -> Iterator[tuple[str, str]]:
    """Yield case and account of every entry that the investigators open."""
    command = [sys.executable, "-m", "intake", "open", "--server", server.origin, "--json"]
    command += ["--office", "investigators", "-i", str(server.identity("investigators"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        yield entry["case"], entry["body"]["answers"]["account"]


def check_all(server: DemoServer, filings: list[Filing]) -> None:
    """Every filing is there once, opens, and was answered with its own words."""
    found = Counter(opened(server))
    expected = {(FilingSecret(f.secret).case(), f.account) for f in filings}
    assert set(found) == expected
    assert set(found.values()) == {1}
    assert server.count_cases() == len(filings)
    for filing in filings:
        assert filing.answered == filing.words


def run(folder: Path, count: int) -> None:
    """File, cut the power in the middle of filing as many again, start again, and look."""
    with started(folder=folder) as server:
        first = [Filing(number) for number in range(count)]
        assert send_all(server, first) == {"200": count}
        check_all(server, first)
        second = [Filing(number) for number in range(count, 2 * count)]
        killer = threading.Thread(target=kill_when, args=(server, count + count // 2))
        killer.start()
        outcomes = send_all(server, second)
        killer.join()
        acknowledged = [filing for filing in second if filing.answered]
        unanswered = [filing for filing in second if not filing.answered]
        assert outcomes["200"] == len(acknowledged)
        assert acknowledged
        assert unanswered
        server.start()
        kept = dict(opened(server))
        for filing in [*first, *acknowledged]:
            assert kept[FilingSecret(filing.secret).case()] == filing.account
        assert send_all(server, unanswered) == {"200": len(unanswered)}
        check_all(server, [*first, *second])
        come_back(server, second[:20])


def kill_when(server: DemoServer, cases: int) -> None:
    """Kill every process of the server once the store holds so many cases."""
    while server.count_cases() < cases:
        pass
    server.kill()


def come_back(server: DemoServer, filings: list[Filing]) -> None:
    """Each witness finds her case with the words she was given."""
    for filing in filings:
        answer = server.post("/en/return", [("words", " ".join(filing.answered)), ("list", "")])
        assert answer.status == 200


def test_nothing_acknowledged_is_lost_by_a_power_cut(tmp_path: Path) -> None:
    """Forty filings from eight clients, forty more with kill -9 among them."""
    run(tmp_path / "server", 40)


@pytest.mark.slow
def test_a_thousand_filings_and_a_power_cut_in_the_second_thousand(tmp_path: Path) -> None:
    """No error, no lost case, no duplicate; each repeats into its own words."""
    run(tmp_path / "server", 1000)
