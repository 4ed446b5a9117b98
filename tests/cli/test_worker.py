"""`intake worker` and `intake outbox`: real processes, a real mail server, every kind of end."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.delivery.worker import alone
from intake.ops.restore import RESTORING
from intake.store import migrate
from intake.store.database import FILE, Database
from intake.store.outbox import Outbox, Round
from intake.store.records import Records
from tests.delivery.post import keep_password, toml
from tests.store.samples import filing
from tests.support.mail import Authority, MailServer, authority, mail_server
from tests.support.programmes import SMALL

SECONDS = 30


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make the authority that our settings name."""
    return authority(tmp_path_factory.mktemp("known"))


@dataclass
class Place:
    """A data folder and its settings; the worker is a process of its own."""

    folder: Path
    server: MailServer

    @property
    def environ(self) -> dict[str, str]:
        """The settings, as variables."""
        return {
            "INTAKE_DATA": str(self.folder / "data"),
            "INTAKE_PROGRAMME": str(self.folder / "small.toml"),
            "INTAKE_DELIVERY": str(self.folder / "mail.toml"),
        }

    def plan(self, *readers: str, count: int = 1) -> None:
        """File cases whose mail is due."""
        now = int(time.time())
        today = datetime.fromtimestamp(now, UTC).date()
        with closing(Database(self.folder / "data")) as database:
            migrate.migrate(database)
            outbox = Outbox(database)
            for number in range(count):
                Records(database).file(filing(number, *readers))
            for reader in readers:
                outbox.decide(Round(reader, now - 20 * 86_400), now, today)
                # Between the hours that the worker decides, so that it plans nothing more.
                made = Round(reader, now - 19 * 86_400, attach=reader == "det")
                outbox.decide(made, now, today)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a worker."""
        return subprocess.Popen(
            [sys.executable, "-m", "intake", "worker", *arguments],
            env={**os.environ, **self.environ},
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a worker to its end; return its code and what it said."""
        with self.start(*arguments) as worker:
            _, said = worker.communicate(timeout=SECONDS)
        return worker.returncode, said

    def command(self, *arguments: str) -> str:
        """Run a command here, and return what it says."""
        found = CliRunner().invoke(command, [*arguments], env=self.environ)
        return found.output or str(found.exception)

    def waiting(self) -> list[tuple[str, int]]:
        """Return id and tries of what waits."""
        with closing(sqlite3.connect(self.folder / "data" / "intake.sqlite3")) as raw:
            return list(raw.execute("SELECT id, attempts FROM outbox"))


@pytest.fixture
def place(tmp_path: Path, known: Authority) -> Iterator[Place]:
    """Make a place whose mail server runs."""
    with mail_server(known) as server:
        (tmp_path / "small.toml").write_text(SMALL)
        text = toml(server.port, known.ca_file, keep_password(tmp_path))
        (tmp_path / "mail.toml").write_text(text)
        yield Place(tmp_path, server)


def test_one_pass_sends_what_is_due(place: Place) -> None:
    """Then nothing waits, and the list says so."""
    place.plan("inv", "det")
    assert place.run("--once")[0] == 0
    assert sorted(one.recipient for one in place.server.mails) == [
        "det@other.example",
        "inv@office.example",
        "operator@reports.example.org",
    ]
    assert place.command("outbox") == "no mail waits, and none is dead\n"


@pytest.mark.slow
def test_killed_between_the_servers_yes_and_the_note_sends_at_most_one_double(
    place: Place,
) -> None:
    """Each of five mails arrives; the one that was doubled has the same Message-ID twice."""
    place.plan("det", count=5)
    worker = place.start()

    def kill() -> str:
        if len(place.server.mails) == 3:
            worker.send_signal(signal.SIGKILL)
            worker.wait(SECONDS)
        return "250 OK"

    place.server.at_data = kill
    assert worker.wait(SECONDS) == -signal.SIGKILL
    assert worker.stderr is not None
    worker.stderr.close()
    assert [tries for _, tries in place.waiting() if tries] == [1]
    for name, _ in place.waiting():
        place.command("outbox", "--retry", name)
    assert place.run("--once")[0] == 0
    names = [one.mail["Message-ID"] for one in place.server.mails]
    # One of them is the operator's.
    assert (len(names), len(set(names))) == (7, 6)
    assert place.waiting() == []


def test_worker_that_is_told_to_stop_ends(place: Place) -> None:
    """As an operator or systemd would, after what it had to send."""
    place.plan("inv")
    with place.start() as worker:
        deadline = time.monotonic() + SECONDS
        # The operator's own mail may come first.
        while len(place.server.mails) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0
    assert "event=mail_sent kind=notice office=inv" in said
    assert "@" not in said


def test_second_worker_is_refused(place: Place) -> None:
    """It names the next step and leaves the first alone."""
    place.plan("inv")
    with alone(place.folder / "data"):
        code, said = place.run("--once")
    assert (code, place.server.mails) == (1, [])
    assert "another worker runs on this folder: let it run, or stop it first" in said


def test_without_settings_there_is_no_worker(place: Place) -> None:
    """No mail is sent to nobody by a default."""
    place.plan("inv")
    (place.folder / "mail.toml").write_text("")
    assert "mail.toml: smtp: is missing, add [smtp]" in place.command("worker", "--once")
    found = CliRunner().invoke(
        command, ["worker", "--once"], env={**place.environ, "INTAKE_DELIVERY": ""}
    )
    assert "delivery: is empty" in str(found.exception)


def test_what_fails_is_listed_with_its_next_step(place: Place) -> None:
    """It can be tried again or dropped, by its id."""
    place.plan("det")
    place.server.refused["det@other.example"] = "550 no such person"
    assert place.run("--once")[0] == 0
    said = place.command("outbox")
    ((name, _),) = place.waiting()
    assert said.startswith(f"{name}  entry of det to office: waiting until 20")
    assert "after 1 tries, recipient: the mail server refuses the address" in said
    assert "person" not in said
    with closing(sqlite3.connect(place.folder / "data" / "intake.sqlite3")) as raw, raw:
        raw.execute("UPDATE outbox SET dead = 1")
    assert f"then run: intake outbox --retry {name}, or --drop" in place.command("outbox")
    assert "waiting until" in place.command("outbox", "--retry", name)
    assert place.command("outbox", "--drop", name) == "no mail waits, and none is dead\n"
    assert "there is no such mail" in place.command("outbox", "--drop", name)


def test_half_restored_folder_sends_nothing(place: Place) -> None:
    """What was taken back since the backup may still be in it."""
    place.plan("inv")
    (place.folder / "data" / RESTORING).touch()
    assert "a restore was not finished" in place.command("worker", "--once")
    assert place.server.mails == []


def test_database_of_another_schema_is_refused(place: Place) -> None:
    """As by every command."""
    (place.folder / "data").mkdir()
    (place.folder / "data" / FILE).touch()
    assert "run: intake migrate" in place.command("worker", "--once")
    assert "run: intake migrate" in place.command("outbox")
