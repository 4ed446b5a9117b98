#!/usr/bin/python3
"""Stands in for systemctl in a folder that systemd does not run in; PID files lie in /run.

It starts and stops what the units' files say, ours as their user, under their sandbox, with the
disk read-only but for what they may write. What only looks at files it leaves to the real one.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ETC, LIB = Path("/etc/systemd/system"), Path("/lib/systemd/system")
REAL = "/usr/bin/systemctl"
sys.path.insert(0, str(HERE))

from sandbox import settings  # type: ignore[import-not-found] # noqa: E402 - it lies beside this


def files(unit: str) -> list[Path]:
    """Return the file of a unit and what is put beside it."""
    name = unit.removesuffix(".service")
    name = {"tor": "tor@default"}.get(name, name)
    places = [folder / f"{name}.service" for folder in (ETC, LIB)]
    base = next(path for path in places if path.exists())
    return [base, *sorted((ETC / f"{name}.service.d").glob("*.conf"))]


def pid_file(unit: str) -> Path:
    """Return where the process of a unit is noted."""
    return Path("/run") / f"stand-in-{unit.removesuffix('.service')}.pid"


def start(unit: str) -> None:
    """Start what ExecStart says."""
    if unit.endswith(".timer"):
        return
    said = files(unit)
    wanted = settings(said)
    if not all(Path(path).exists() for path in wanted.get("ConditionPathExists", [])):
        return
    command = shlex.split(wanted["ExecStart"][-1])
    if unit.startswith("intake"):
        writable = [f"/var/lib/{wanted['StateDirectory'][-1]}"]
        named = " ".join(wanted.get("ReadWritePaths", [])).split()
        # One with a hyphen may be missing.
        writable += [path for path in named if path[0] != "-" or Path(path[1:]).exists()]
        writable = [path.removeprefix("-") for path in writable]
        os.environ["WRITABLE"] = " ".join(writable)
        apart = [*(["--net"] if wanted.get("PrivateNetwork") == ["yes"] else [])]
        mounts = (
            'for folder in $WRITABLE; do mount --bind "$folder" "$folder"; done; '
            "mount -t proc -o hidepid=invisible,subset=pid proc /proc; "
            "mount -t tmpfs none /tmp; mount -t tmpfs none /home; mount -t tmpfs none /root; "
            'mount -o remount,bind,ro /; exec "$@"'
        )
        command = [
            *("unshare", "--mount", *apart, "sh", "-ec", mounts, "sh"),
            *("runuser", "-u", wanted["User"][-1], "--"),
            *(sys.executable, f"{HERE}/sandbox.py", *map(str, said), "--", *command),
        ]
    if "tor@" in str(said[0]):
        command += ["--DisableNetwork", "1"]
        Path("/run/tor").mkdir(exist_ok=True)
        subprocess.run(("chown", "debian-tor:", "/run/tor"), check=True)
    folder = wanted.get("WorkingDirectory", ["/"])[-1]
    with Path(f"/var/log/stand-in-{unit}.log").open("ab") as log:
        if wanted.get("Type", [""])[-1] in ("oneshot", "forking"):
            subprocess.run(command, cwd=folder, stdout=log, stderr=log, check=True)
            return
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    pid_file(unit).write_text(str(process.pid))


def stop(unit: str) -> None:
    """Stop it as systemd would, and wait."""
    wanted = [] if unit.endswith(".timer") else settings(files(unit)).get("PIDFile", [])
    notes = [pid_file(unit), *(Path(name) for name in wanted if unit == "nginx")]
    for note in notes:
        if not note.exists() or not note.read_text():  # nginx -t leaves an empty one
            continue
        pid = int(note.read_text())
        try:
            os.kill(pid, signal.SIGTERM)
            while Path(f"/proc/{pid}").exists() and "Z" not in state(pid):
                time.sleep(0.1)
        except ProcessLookupError:
            pass
        note.unlink(missing_ok=True)


def state(pid: int) -> str:
    """Return the letter of what a process does; Z is one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def main() -> None:
    """Do what was asked, in the order of the command line."""
    verb = ""
    units: list[str] = []
    for word in sys.argv[1:]:
        if word.startswith("-"):
            continue
        verb, units = (verb, [*units, word]) if verb else (word, units)
    if verb == "is-active":  # the real one says yes to everything where systemd does not run
        notes = [pid_file(unit) for unit in units]
        alive = [n for n in notes if n.exists() and "Z" not in state(int(n.read_text() or 0))]
        sys.exit(0 if alive else 3)
    if verb not in ("start", "stop", "restart", "reload", "daemon-reload"):
        os.execv(REAL, [REAL, *sys.argv[1:]])  # noqa: S606 - the real one
    for unit in units:
        if verb in ("stop", "restart"):
            stop(unit)
        if verb in ("start", "restart"):
            start(unit)


if __name__ == "__main__":
    main()
