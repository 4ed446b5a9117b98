"""What is broken while people file, each with a server in a folder of its own.

Rules: each blow mends what it broke, so that whoever tries again is taken in the end; a command
that is refused says why in a sentence, whatever happened.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import ClassVar

from intake.crypto import keyring
from intake.crypto.keyring import Keyring
from intake.crypto.unseal import generate_hybrid
from tests.faults.people import Person
from tests.support.filing import OFFICES, PROGRAMME
from tests.support.mail import authority, mail_server
from tests.support.server import DemoServer, free_port

_COMMAND_SECONDS = 120
_UP_SECONDS = 1.5
_KILLED = -signal.SIGKILL
_MAIL = """\
[smtp]
host = "localhost"
port = {port}
security = "tls"
from = "notices@reports.example.org"
ca_file = "{ca_file}"

[operator]
mail = "operator@reports.example.org"
"""
_OFFICE = """
[offices.{office}]
notice = "{office}@office.example"
hours = ["09:00"]
zone = "UTC"
urgent = true
"""
Expected = tuple[Sequence[Person], Sequence[Person]]
"""Who was told that her case is kept, and who of them withdrew it from the second office."""


class Fault:
    """A server, and how it is hurt; `problems` are what no person saw."""

    title = ""
    settings: ClassVar[Mapping[str, str]] = {}

    def __init__(self, folder: Path, random: Random) -> None:
        """Make the keys of backups; nothing runs yet."""
        self.folder, self.random = folder, random
        self.server = DemoServer(folder / "server", free_port(), self.settings)
        self.backups = folder / "backups"
        self.environ: dict[str, str] = {}
        self.problems: list[str] = []
        key = generate_hybrid()
        folder.mkdir(parents=True)
        (folder / "backup.txt").write_text(f"{key.recipient()}\n")
        (folder / "backup.identity").write_text(f"{key.secret_text()}\n")

    @classmethod
    def missing(cls) -> str:
        """Return why this cannot be broken here, empty where it can."""
        return ""

    def start(self) -> None:
        """Start the server."""
        self.server.start()

    def strike(self, people: Sequence[Person]) -> int:
        """Break something, mend it; return how often. `people` says who was answered so far."""
        raise NotImplementedError

    def looks(self, kept: Sequence[Person]) -> Iterator[Expected]:
        """Yield what must be there, each time that the server can be looked at."""
        yield kept, ()

    def stop(self) -> None:
        """End everything."""
        self.server.stop()

    @property
    def data(self) -> Path:
        """The folder of the database."""
        return self.server.folder / "data"

    def keyring(self) -> Keyring:
        """Return the public keys of the server's offices."""
        return keyring.read(self.server.folder / "keys", PROGRAMME, datetime.now(UTC).date())[0]

    def pause(self, least: float, most: float) -> None:
        """Wait some seconds."""
        time.sleep(self.random.uniform(least, most))

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        """Start an `intake` command for the server's data."""
        others = {name: v for name, v in os.environ.items() if not name.startswith("INTAKE_")}
        own = {
            "INTAKE_DATA": str(self.data),
            "INTAKE_KEYS": str(self.server.folder / "keys"),
            "INTAKE_ORIGIN": self.server.origin,
            "INTAKE_BACKUP": str(self.backups),
            "INTAKE_BACKUP_KEYS": str(self.folder / "backup.txt"),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "intake", *words],
            env={**others, **own, **self.settings, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, process: "subprocess.Popen[str]", seconds: float) -> tuple[int, str]:
        """Return exit code and output of a command, killed after so many seconds."""
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        code = process.returncode
        is_sentence = said.startswith("intake: ") and "Traceback" not in said
        if code not in (0, _KILLED) and not (code == 1 and is_sentence):
            self.problems.append(f"{process.args!r} ended with {code}: {said[-1000:]}")
        return code, said

    def command(self, *words: str, wanted: tuple[int, ...] = (0,)) -> str:
        """Return what a command says; another exit code than wanted is a problem."""
        code, said = self.end(self.begin(*words), _COMMAND_SECONDS)
        if code not in wanted:
            self.problems.append(f"intake {' '.join(words)}: {code} {said.strip()[-300:]}")
        return said

    def check_backups(self) -> None:
        """Nothing that was broken stands in the way of the next backup and the next purge."""
        self.command("backup")
        self.command("backup", "--check")
        self.command("purge")


class PowerCut(Fault):
    """Every process of the server ends at once, and it starts again."""

    title = "kill -9, all processes"
    _took = _UP_SECONDS

    def strike(self, people: Sequence[Person]) -> int:  # noqa: ARG002 - as inherited
        """Kill and start; let it run for about as long as it takes to start, or nobody gets in."""
        self.pause(0.3, self._took)
        self.server.kill()
        began = time.monotonic()
        self.server.start()
        self._took = max(_UP_SECONDS, time.monotonic() - began)
        return 1


class DeadWorkers(Fault):
    """A worker of the server, the worker that mails, a backup, a purge: each ends in the middle."""

    title = "kill -9, workers and commands"
    _COMMANDS = (("backup",), ("purge",), ("worker", "--once"))
    _took = _UP_SECONDS

    def start(self) -> None:
        """Start; see how long a command takes here."""
        known = authority(self.folder / "mail")
        self._running = ExitStack()
        self._mail = self._running.enter_context(mail_server(known, "tls"))
        text = _MAIL.format(port=self._mail.port, ca_file=known.ca_file)
        text += "".join(_OFFICE.format(office=office) for office in OFFICES)
        (self.folder / "mail.toml").write_text(text)
        self.environ["INTAKE_DELIVERY"] = str(self.folder / "mail.toml")
        super().start()
        self.command("worker", "--once")
        began = time.monotonic()
        self.command("purge")
        self._took = time.monotonic() - began

    def strike(self, people: Sequence[Person]) -> int:  # noqa: ARG002 - as inherited
        """Kill a worker while a command runs, then the command, unless it was faster."""
        process = self.begin(*self.random.choice(self._COMMANDS))
        self.pause(self._took / 2, self._took)
        with suppress(ProcessLookupError, IndexError):
            os.kill(self.random.choice(self.server.workers()), signal.SIGKILL)
        code, _ = self.end(process, self.random.uniform(0, self._took))
        return 1 + (code == _KILLED)

    def looks(self, kept: Sequence[Person]) -> Iterator[Expected]:
        """Look once backup and purge went through; some offices were told by mail, of nothing."""
        self.check_backups()
        self.command("worker", "--once")
        mails = [one.data for one in self._mail.mails]
        if not mails or any(person.account.encode() in mail for person in kept for mail in mails):
            self.problems.append(f"{len(mails)} mails came, or one tells what was typed")
        yield kept, ()

    def stop(self) -> None:
        """End the mail server too."""
        super().stop()
        self._running.close()


class FullDisk(Fault):
    """The disks of data and backups are small, and full now and then."""

    title = "disk full"
    settings: ClassVar[Mapping[str, str]] = {"INTAKE_DISK_MEGABYTES": "0"}
    _SIZE = "256m"
    _LEFT = (0, 4_096, 50_000, 400_000)
    """What is left on a full disk, in bytes: for nothing, a page, a small file, a large one."""

    @classmethod
    def missing(cls) -> str:
        """Only root mounts."""
        return "" if os.geteuid() == 0 else "only root may mount a small disk"

    def start(self) -> None:
        """Mount the disks first."""
        for folder in (self.data, self.backups):
            folder.mkdir(mode=0o700, parents=True)
            command = ["mount", "-t", "tmpfs", "-o", f"mode=700,size={self._SIZE}", "intake"]
            subprocess.run([*command, folder], check=True)
        super().start()

    def strike(self, people: Sequence[Person]) -> int:  # noqa: ARG002 - as inherited
        """Fill one of them, try a backup, and make room again."""
        self.pause(0.2, 0.8)
        folder = self.random.choice((self.data, self.data, self.backups))
        ballast = folder / "ballast"
        free = shutil.disk_usage(folder).free - self.random.choice(self._LEFT)
        with ballast.open("wb") as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(1, free))
        try:
            self.command("backup", wanted=(0, 1))
            self.pause(0, 1)
        finally:
            ballast.unlink()
        return 1

    def looks(self, kept: Sequence[Person]) -> Iterator[Expected]:
        """Look once backup and purge went through."""
        self.check_backups()
        yield kept, ()

    def stop(self) -> None:
        """Unmount."""
        super().stop()
        for folder in (self.data, self.backups):
            subprocess.run(["umount", folder], check=False)


class FailingDisk(Fault):
    """Some writes and some forcings of the server's files fail, others do not."""

    title = "failing write and fsync"
    _CALLS = (
        ("fsync", "EIO"),
        ("fdatasync", "EIO"),
        ("fsync,fdatasync", "EIO"),
        ("pwrite64", "ENOSPC"),
        ("pwrite64", "EIO"),
        ("rename", "EIO"),
    )
    """None of them is ever made on a socket or a pipe."""

    @classmethod
    def missing(cls) -> str:
        """Only root may watch a worker that gave up its right to be watched."""
        if shutil.which("strace") is None:
            return "strace is not installed"
        return "" if os.geteuid() == 0 else "only root may make the calls of a worker fail"

    def strike(self, people: Sequence[Person]) -> int:  # noqa: ARG002 - as inherited
        """Let calls fail for a while, one in so many, or all that make a file larger."""
        self.pause(0.1, 0.4)
        return self._limited() if self.random.random() < 1 / 4 else self._injected()

    def _injected(self) -> int:
        call, error = self.random.choice(self._CALLS)
        when = f"{self.random.randint(1, 5)}+{self.random.randint(2, 9)}"
        out = self.folder / "strace"
        command = ["strace", "-f", "-o", str(out), "-e", f"trace={call}"]
        command += ["-e", f"inject={call}:error={error}:when={when}"]
        for pid in self.server.workers():
            command += ["-p", str(pid)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            self.pause(0.5, 2)
            process.terminate()
        return out.read_text().count("(INJECTED)")

    def _limited(self) -> int:
        """Let no file grow beyond a size, also in the middle of a write."""
        size = self.random.choice((0, 5_000, 100_000))
        for pid in self.server.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        self.pause(0.3, 1)
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        for pid in self.server.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        return 1


class ClockJumps(Fault):
    """The clock of server and purge jumps, and back again."""

    title = "clock jumps"
    _SOURCE = Path(__file__).with_name("clock.c")
    _JUMPS = (3, -2, 400)
    """In days: as after a week-end without a purge, and two that cannot be right."""

    @classmethod
    def missing(cls) -> str:
        """A C compiler makes the clock."""
        return "" if shutil.which("cc") else "no C compiler is installed, which makes the clock"

    def __init__(self, folder: Path, random: Random) -> None:
        """Let the server read its clock through a file."""
        self._clock, self._blows = folder / "clock", 0
        library = folder / "clock.so"
        own = {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self._clock)}
        self.settings = own  # type: ignore[misc] # its own, since it names the folder
        super().__init__(folder, random)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, self._SOURCE], check=True)
        self._set(0)

    def start(self) -> None:
        """Start with the right clock; the first purge notes the day."""
        super().start()
        self.command("purge")

    def strike(self, people: Sequence[Person]) -> int:  # noqa: ARG002 - as inherited
        """Jump; a purge refuses, but after few days, which may have been missed."""
        self.pause(0.3, 1)
        days = self._JUMPS[self._blows % len(self._JUMPS)]
        self._blows += 1
        self._set(days)
        try:
            self._purge(is_wrong=days != self._JUMPS[0])
            self.pause(0, 1)
        finally:
            self._set(0)
        return 1

    def looks(self, kept: Sequence[Person]) -> Iterator[Expected]:
        """Look before and after a purge with the right clock, which the last one was ahead of."""
        yield kept, ()
        self._purge(is_wrong=True)
        self.command("purge", "--clock-is-right")
        yield kept, ()

    def _set(self, days: int) -> None:
        """Set the clock, in one step: whoever reads it meanwhile reads the whole."""
        new = self._clock.with_suffix(".new")
        new.write_text(str(days * 86_400))
        new.replace(self._clock)

    def _purge(self, *, is_wrong: bool) -> None:
        said = self.command("purge", wanted=(int(is_wrong),))
        if is_wrong and "the clock says" not in said:
            self.problems.append(f"purge does not say why it refuses: {said}")


class Backups(Fault):
    """Backups one after the other, then everything is lost but them."""

    title = "backup, all lost, restore"

    def __init__(self, folder: Path, random: Random) -> None:
        """Remember who was answered before the newest backup began."""
        super().__init__(folder, random)
        self._snapshot = ""
        self._held: list[Person] = []

    def strike(self, people: Sequence[Person]) -> int:
        """Back up."""
        held = [person for person in people if person.kept]
        said = self.command("backup")
        self._snapshot, self._held = said.partition(":")[0].removeprefix("snapshot "), held
        return 1

    def looks(self, kept: Sequence[Person]) -> Iterator[Expected]:
        """Withdraw some, back up, lose the machine; restore what had them, and the newest."""
        self.strike(kept)
        withdrawn = kept[::5]
        for person in withdrawn:
            person.withdraw(self.server, OFFICES[1])
        yield kept, withdrawn
        older = self._snapshot, self._held
        self.strike(kept)
        for snapshot, held in (older, (self._snapshot, self._held)):
            self._restore(snapshot)
            yield held, withdrawn

    def _restore(self, snapshot: str) -> None:
        """Put a snapshot in the place of everything."""
        self.server.stop()
        shutil.rmtree(self.data)
        identity = str(self.folder / "backup.identity")
        way = ("restore", str(self.backups), "--identity", identity, "--snapshot", snapshot)
        self.command(*way)
        self.server.start()


FAULTS = (PowerCut, DeadWorkers, FullDisk, FailingDisk, ClockJumps, Backups)
