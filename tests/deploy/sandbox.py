"""Run a program under what a unit's file forbids, where systemd itself cannot run.

    python3 sandbox.py UNIT.service harden.conf -- PROGRAM ARGUMENT…

It carries out SystemCallFilter, SystemCallErrorNumber (always EPERM), RestrictAddressFamilies,
MemoryDenyWriteExecute, NoNewPrivileges and LimitCORE of the files named, by libseccomp and prctl.
It knows nothing of mounts, users and networks: those belong to whoever starts it. Only Python's
own library, so that any Debian's Python runs it.
"""

import ctypes
import errno
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_ALLOW = 0x7FFF0000
_EPERM = 0x00050000 | errno.EPERM
_PR_SET_NO_NEW_PRIVS, _PR_SET_MDWE, _MDWE_REFUSE_EXEC_GAIN = 38, 65, 1


class _Compare(ctypes.Structure):
    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    )


def settings(files: list[Path]) -> dict[str, list[str]]:
    """Return the values of each setting of the units' files, in their order."""
    found: dict[str, list[str]] = {}
    for file in files:
        for line in file.read_text().splitlines():
            name, is_setting, value = line.partition("=")
            if is_setting and not line.startswith("#"):
                found.setdefault(name, []).append(value)
    return found


def sets() -> dict[str, list[str]]:
    """Return systemd's own sets of system calls: of calls, and of other sets."""
    command = ("systemd-analyze", "--no-pager", "syscall-filter")
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[str]] = {}
    name = ""
    for line in listed.splitlines():
        word = line.strip()
        if line.startswith("@"):
            name = word
            found[name] = []
        elif word and not word.startswith("#"):
            found.setdefault(name, []).append(word)
    return found


def calls(names: Sequence[str], known: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the system calls of names and sets."""
    for name in names:
        if name.startswith("@"):
            yield from calls(known[name], known)
        else:
            yield name


def allowed(filters: list[str]) -> set[str]:
    """Return the calls that lines of SystemCallFilter allow; a line with ~ takes some away."""
    known, result = sets(), set[str]()
    for line in filters:
        named = set(calls(line.removeprefix("~").split(), known))
        result = result - named if line.startswith("~") else result | named
    return result


def confine(wanted: dict[str, list[str]]) -> None:
    """Confine this process; raises OSError where the kernel refuses to."""
    library = ctypes.CDLL(None, use_errno=True)
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(_EPERM)))
    families = [getattr(socket, name) for name in wanted["RestrictAddressFamilies"][-1].split()]
    for name in allowed(wanted["SystemCallFilter"]):
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            continue  # of another architecture
        if name != "socket":
            _ask(seccomp.seccomp_rule_add_array(context, _ALLOW, number, 0, None))
            continue
        for family in families:
            only = (_Compare * 1)(_Compare(0, 4, family, 0))  # SCMP_CMP_EQ
            _ask(seccomp.seccomp_rule_add_array(context, _ALLOW, number, 1, only))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if wanted["MemoryDenyWriteExecute"] == ["yes"]:
        _ask(library.prctl(_PR_SET_MDWE, _MDWE_REFUSE_EXEC_GAIN, 0, 0, 0))
    _ask(library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _ask(seccomp.seccomp_load(context))


def _ask(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno() or -result, "the kernel does not confine this process")


if __name__ == "__main__":
    end = sys.argv.index("--")
    confine(settings([Path(name) for name in sys.argv[1:end]]))
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])  # noqa: S606 - a test's own program
