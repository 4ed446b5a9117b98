"""What sealing costs: an entry beside `pyrage`, a large file beside `age`. CPU, not waiting.

Rules: both sides take turns, so that a busy machine slows both; medians, and their ratio.
Linux only: peak memory is read from /proc, since `ru_maxrss` starts with that of the parent.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pyrage

from intake.core.limits import KIB
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import generate_hybrid, generate_x25519, open_sealed

MIB = 1024 * KIB
ENTRY = 8 * KIB
"""A usual report, padded."""

READERS = 2
"""A working and a recovery key."""

ENTRIES = 200
"""Sealed in one turn: some tenths of a second, far above the clock's steps."""

TURNS = 5
FILE = 512 * MIB
FILE_TURNS = 3
_POLL = 0.02


@dataclass(frozen=True)
class EntryCost:
    """Seconds of CPU to seal or open one entry: ours post-quantum, theirs classic."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """How many times more ours takes."""
        return self.ours / self.theirs


@dataclass(frozen=True)
class Run:
    """Seconds of CPU and KiB of memory at most that a program took."""

    cpu: float
    memory: int


@dataclass(frozen=True)
class FileCost:
    """What sealing a file to a classic key took; theirs is None where `age` is not installed."""

    ours: Run
    theirs: Run | None

    @property
    def ratio(self) -> float | None:
        """How many times more CPU ours takes."""
        return self.ours.cpu / self.theirs.cpu if self.theirs else None


def measure_seal_entry() -> EntryCost:
    """Seal an entry to two post-quantum keys, and with `pyrage` to two classic ones."""
    plain = Plaintext(b"{}".ljust(ENTRY))
    readers = [generate_hybrid().recipient() for _ in range(READERS)]
    classic = [pyrage.x25519.Identity.generate().to_public() for _ in range(READERS)]
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(_cpu_each(lambda: seal(plain, readers)))
        theirs.append(_cpu_each(lambda: pyrage.encrypt(plain.value, classic)))
    return EntryCost(median(ours), median(theirs))


def measure_open_entry() -> EntryCost:
    """Open an entry with the second of its two keys, and with `pyrage` likewise."""
    plain = Plaintext(b"{}".ljust(ENTRY))
    keys = [generate_hybrid() for _ in range(READERS)]
    entry = seal(plain, [key.recipient() for key in keys])
    classic = [pyrage.x25519.Identity.generate() for _ in range(READERS)]
    file = pyrage.encrypt(plain.value, [key.to_public() for key in classic])
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(_cpu_each(lambda: open_sealed(entry.header.value, entry.payload, keys[-1:])))
        theirs.append(_cpu_each(lambda: pyrage.decrypt(file, classic[-1:])))
    return EntryCost(median(ours), median(theirs))


def measure_file(size: int = FILE) -> FileCost:
    """Seal a file of `size` bytes with `intake age` and with `age`, by turns."""
    recipient = str(generate_x25519().recipient())
    reference = shutil.which("age")
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain"
        _fill(path, size)
        mine = (sys.executable, "-m", "intake", "age", "encrypt", "-r", recipient, str(path))
        for _ in range(FILE_TURNS):
            ours.append(_run(mine))
            if reference:
                theirs.append(_run((reference, "-r", recipient, str(path))))
    return FileCost(_middle(ours), _middle(theirs) if theirs else None)


def run() -> None:
    """Print all measurements."""
    _print_entry("sealing to", measure_seal_entry())
    _print_entry("opening one sealed to", measure_open_entry())
    file = measure_file()
    sys.stdout.write(
        f"seal: a file of {FILE // MIB} MiB {file.ours.cpu:.2f} s of CPU, "
        f"{file.ours.memory / KIB:.0f} MiB of memory"
    )
    if file.theirs and file.ratio:
        sys.stdout.write(
            f"; age {file.theirs.cpu:.2f} s, {file.theirs.memory / KIB:.0f} MiB, "
            f"ratio {file.ratio:.2f}"
        )
    sys.stdout.write("\n")


def _print_entry(what: str, cost: EntryCost) -> None:
    sys.stdout.write(
        f"seal: an entry of 8 KiB, {what} 2 post-quantum keys {cost.ours * 1000:.2f} ms of CPU, "
        f"pyrage with classic keys {cost.theirs * 1000:.2f} ms, ratio {cost.ratio:.2f}\n"
    )


def _cpu_each(work: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(ENTRIES):
        work()
    return (time.process_time() - start) / ENTRIES


def _fill(path: Path, size: int) -> None:
    # Random, so that no file system shortens it; written once, then read from memory.
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            file.write(os.urandom(min(MIB, size - start)))


def _run(command: Sequence[str]) -> Run:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    memory = 0
    while True:
        memory = max(memory, _peak(process.pid))
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0
            return Run(usage.ru_utime + usage.ru_stime, memory)
        time.sleep(_POLL)


def _peak(pid: int) -> int:
    """Return the most memory a process held so far, in KiB; 0 once it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _middle(runs: Sequence[Run]) -> Run:
    return Run(median(one.cpu for one in runs), max(one.memory for one in runs))
