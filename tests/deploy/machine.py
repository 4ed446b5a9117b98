"""A fresh Debian in a folder, with processes of its own, on this machine's network."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
KEPT = (
    *("PIP_CERT", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"),
    *("http_proxy", "https_proxy", "no_proxy"),
)
"""Variables by which a machine reaches its registries."""
AUTHORITIES = "usr/local/share/ca-certificates"
SHIPPED = ("deploy", "intake", "templates", "hatch_build.py", "pyproject.toml", "requirements.txt")
SHIPPED_TOO = ("README.md", "LICENSE")


@dataclass(frozen=True)
class Machine:
    """A folder, and the process whose mounts and process ids everything in it shares."""

    folder: Path
    keeper: int

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command in it and return what it said; fails with all of it."""
        inside = ("nsenter", "-t", str(self.keeper), "-m", "-p", "chroot", str(self.folder))
        kept = {k: v for k, v in os.environ.items() if k in KEPT}
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        done = subprocess.run(
            (*inside, *command),
            env={**kept, "PATH": path, "HOME": "/root", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{done.stdout}\n{self._logs()}"
        return done

    def _logs(self) -> str:
        """Return what the services said."""
        logs = sorted((self.folder / "var/log").glob("stand-in-*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text()}" for log in logs)

    def put_checkout(self, name: str) -> Path:
        """Copy what a checkout holds, without what was made in it; return the folder."""
        target = self.folder / "root" / name
        target.mkdir()
        for item in (*SHIPPED, *SHIPPED_TOO):
            source = ROOT / item
            if source.is_dir():
                ignored = shutil.ignore_patterns("node_modules", "__pycache__", "static", "*.mo")
                shutil.copytree(source, target / item, ignore=ignored)
            else:
                shutil.copy(source, target / item)
        return target


@contextmanager
def fresh(folder: Path, release: str) -> Iterator[Machine]:
    """Make one, and end everything in it: its mounts are seen by nobody else."""
    subprocess.run(
        ("debootstrap", "--variant=minbase", "--include=systemd", release, str(folder)),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    _let_it_reach_the_registries(folder)
    apart = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
    keeper = subprocess.Popen(
        (*apart, "sh", "-ec", _MOUNT, "sh", str(folder)), stdout=subprocess.PIPE
    )
    try:
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == b"ready\n"
        children = Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children").read_text()
        yield Machine(folder, int(children.split()[0]))
    finally:
        keeper.kill()
        keeper.communicate()


_MOUNT = """
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mkdir -p "$1/run/systemd/system"
echo ready
exec sleep 3600
"""


def _let_it_reach_the_registries(folder: Path) -> None:
    """Give it this machine's names and certificates, Debian's updates, and our stand-ins."""
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
    shutil.copytree(Path("/", AUTHORITIES), folder / AUTHORITIES, dirs_exist_ok=True)
    sources = folder / "etc/apt/sources.list"
    mirror, release = sources.read_text().split()[1:3]
    # As every installed Debian has it; Tor's proof of work comes from there in Debian 12.
    security = f"deb {mirror}-security {release}-security main\n"
    sources.write_text(sources.read_text() + security)
    tools = folder / "usr/local/lib/stand-in"
    tools.mkdir()
    for name in ("systemctl.py", "sandbox.py"):
        shutil.copy(HERE / name, tools)
    (tools / "systemctl.py").chmod(0o755)
    (folder / "usr/local/bin/systemctl").symlink_to("/usr/local/lib/stand-in/systemctl.py")
    # Nobody here can prove that a name is ours.
    certbot = folder / "usr/local/bin/certbot"
    certbot.write_text("#!/bin/sh\nexit 1\n")
    certbot.chmod(0o755)
