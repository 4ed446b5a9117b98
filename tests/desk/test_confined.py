"""The process that decodes pictures: whatever a file makes of it, it can do nothing.

Each test lets the process itself try; the same attempt succeeds where it is not confined.
"""

import os
import struct
import sys
import time

import pytest

from intake.desk import confined, pixels
from intake.errors import PictureError
from tests.support.desk import refused

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux confines calls")

BEFORE = f"""
import ctypes, errno, mmap, os, runpy, select, signal, socket, subprocess, sys
found = runpy.run_path({pixels.PROGRAM!r})
here, number = socket.socket(), {{}}
here.bind(("127.0.0.1", 0))
here.listen()
open_there = socket.create_connection(here.getsockname())
libc = ctypes.CDLL(None, use_errno=True)
"""
CONFINED = """
found["limit"]()
found["load"]()
found["confine"]()
"""
ATTEMPT = """
try:
    result = attempt()
except OSError as error:
    print(errno.errorcode[error.errno], flush=True)
except MemoryError:
    print("MemoryError", flush=True)
else:
    print("done", flush=True)
os._exit(0)
"""


def tried(code: str, *, free: bool = False, seconds: float = 10) -> str:
    """Return what became of an attempt, `attempt` being a function without arguments."""
    made = BEFORE + ("" if free else CONFINED) + code + ATTEMPT
    return pixels.ask(["-c", made], b"", seconds).decode().strip()


ATTEMPTS = {
    "open a file to read": "attempt = lambda: open('/etc/passwd').read()",
    "open a file to write": "attempt = lambda: open('/tmp/intake-confined-test', 'w').close()",
    "list a folder": "attempt = lambda: os.listdir('/')",
    "look whether a file is there": "attempt = lambda: os.stat('/etc/passwd')",
    "remove a file": "attempt = lambda: os.unlink('/tmp/intake-confined-test')",
    "make a socket": "attempt = lambda: socket.socket()",
    "connect": "attempt = lambda: socket.create_connection(here.getsockname())",
    "send over a socket that is open": "attempt = lambda: open_there.send(b'words')",
    "start a program": "attempt = lambda: subprocess.run(['/bin/true'])",
    "become a program": "attempt = lambda: os.execv('/bin/echo', ['echo', 'done'])",
    "fork": "attempt = lambda: os.fork() or os._exit(0)",
    "signal another process": "attempt = lambda: os.kill(os.getppid(), 0)",
    "run memory": "attempt = lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "allocate 2 GB": "attempt = lambda: bytearray(2 << 30)",
}


@linux
@pytest.mark.parametrize("name", ATTEMPTS)
def test_confined_process_cannot(name: str) -> None:
    """Nor could it by the system's own word: not permitted, or no memory."""
    if name == "remove a file":
        tried(ATTEMPTS["open a file to write"], free=True)
    assert tried(ATTEMPTS[name]) == ("MemoryError" if "GB" in name else "EPERM")
    assert tried(ATTEMPTS[name], free=True) == "done"


@linux
def test_every_other_system_call_is_refused() -> None:
    """Each number below a thousand, those of the other numbering too, with arguments of no use.

    Two the kernel never asks the filter about, since a probe of its own makes them; made by
    anybody else they end the process (linux/kernel/seccomp.c, `uretprobe`).
    """
    code = """
allowed = {335, 336, *(pair[WHICH] for pair in found["_CALLS"].values()),
           *(pair[WHICH] for pair in found["_MAPPING"].values())}
def attempt():
    wrong = ctypes.c_long(-1)
    let = []
    for first in (0, 0x40000000):
        for number in range(first, first + 1000):
            if number in allowed:
                continue
            ctypes.set_errno(0)
            if libc.syscall(ctypes.c_long(number), *[wrong] * 6) != -1 or ctypes.get_errno() != 1:
                let.append(number)
    if let:
        print(let, flush=True)
""".replace("WHICH", str(confined._MACHINES[os.uname().machine][1]))
    assert tried(code) == "done"


@linux
def test_limits_are_set_before_anything_is_read() -> None:
    """Time, memory, files, cores and processes."""
    code = """
import resource
found["limit"]()
def attempt():
    for name in ("AS", "CPU", "FSIZE", "CORE", "NPROC"):
        print(*resource.getrlimit(getattr(resource, "RLIMIT_" + name)))
"""
    said = tried(code, free=True).splitlines()
    memory, seconds = str(1 << 30), "10"
    assert said == [f"{v} {v}" for v in (memory, seconds, "0", "0", "0")] + ["done"]


def test_spinning_forever_ends_with_its_time() -> None:
    """The desk waits no longer than it says."""
    began = time.monotonic()
    said = refused(lambda: tried("while True: pass", seconds=1.5), PictureError)
    assert "too long" in said
    assert time.monotonic() - began < 5


@linux
def test_spinning_forever_ends_by_the_process_itself_too() -> None:
    """Should the desk be gone meanwhile."""
    code = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    assert "too long" in refused(lambda: tried(code, free=True, seconds=30), PictureError)


def test_sleeping_forever_or_never_reading_ends_with_its_time() -> None:
    """Neither side waits for the other."""
    code = BEFORE + "select.select([], [], [])"
    ask = pixels.ask
    assert "too long" in refused(lambda: ask(["-c", code], bytes(9 << 20), 1.5), PictureError)


def test_a_gigabyte_of_answer_is_not_read() -> None:
    """More than can be pixels ends it at once, though it reads nothing that it is sent."""
    code = "import sys\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))"
    began = time.monotonic()
    refused(lambda: pixels.ask(["-c", code], bytes(9 << 20)), PictureError)
    assert time.monotonic() - began < 5


def test_environment_and_folder_tell_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable, no folder of this program, no module beside it."""
    monkeypatch.setenv("INTAKE_VAULT", "secret")
    monkeypatch.setenv("PYTHONPATH", "/tmp")  # noqa: S108 - only named
    code = (
        "import os, sys; print(sorted(os.environ), os.getcwd(), '' in sys.path, sys.flags.isolated)"
    )
    said = pixels.ask(["-c", code], b"").decode().split()
    assert [one for one in said if "INTAKE" in one or "PYTHON" in one] == []
    assert said[-3:] == ["/", "False", "1"]


@linux
def test_process_that_cannot_be_confined_never_reads() -> None:
    """As on a machine whose calls are not known, or under a limit that cannot be set."""
    for spoil in ('["_MACHINES"].clear()', '["resource"] = 1', ""):
        code = (
            f"import runpy, sys; found = runpy.run_path({pixels.PROGRAM!r})\n"
            f"space = found['main'].__globals__\n"
            + (
                "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))\n"
                "import os; os.setuid(65534)\n"
                if "resource" in spoil
                else ""
            )
            + (f"space{spoil}\n" if "MACHINES" in spoil else "")
            + "sys.exit(found['main']('PNG'))"
        )
        expected = "cannot confine" if spoil else "damaged"
        said = refused(lambda made=code: pixels.ask(["-c", made], b"words"), PictureError)  # type: ignore[misc]
        assert expected in said, spoil


@pytest.mark.parametrize("machine", confined._MACHINES)
def test_filter_lets_only_the_list_through(machine: str) -> None:
    """Run by the rules of linux/filter.h, for both machines: call, architecture, protection."""
    architecture, which = confined._MACHINES[machine]
    program = confined._filter(machine)
    listed = {numbers[which] for numbers in confined._CALLS.values()}
    mapping = {numbers[which] for numbers in confined._MAPPING.values()}
    for call in range(600):
        for protection in (0, 3, 4, 7):
            result = _run(program, call, architecture, protection)
            is_let = call in listed or (call in mapping and not protection & 4)
            assert result == (confined._ALLOW if is_let else confined._REFUSE)
    for other in (0, 0x40000003, architecture ^ 1):
        assert _run(program, 0, other, 0) == confined._KILL


def _run(program: list[tuple[int, int, int, int]], call: int, arch: int, protection: int) -> int:
    data = struct.pack("<IIQQQQQQQ", call, arch, 0, 0, 0, protection, 0, 0, 0)
    at, held = 0, 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == confined._LOAD:
            (held,) = struct.unpack_from("<I", data, value)
        elif code == confined._IF_EQUAL:
            at += yes if held == value else no
        elif code == confined._IF_SET:
            at += yes if held & value else no
        else:
            return value
