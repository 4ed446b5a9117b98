"""From a fresh Debian to a site that takes reports, by the guide's commands; and on, and back.

Tor and Let's Encrypt cannot be reached here: Tor runs without its network, and the certificate
stays our own. systemd does not run: `systemctl.py` starts what the units say, under what they
forbid.
"""

import os
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from intake.cli.keys import add
from intake.core import programme as programmes
from intake.crypto import keyring
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.paths import shipped
from tests.deploy.machine import Machine, fresh
from tests.support.filing import Witness
from tests.support.server import FORM, Answer, Fields

DOMAIN = "reports.example.org"
TOR = b"PROXY TCP6 fc00:dead:beef:4dad::%x ::1 1 80\r\n"
PORTS = (80, 443, 8080, 8081)
ASKED_SECONDS = 3
"""Longer than a process believes what it knew of a stop."""
MIGRATION = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "r9999", "{head}", None, None
def upgrade():
    op.execute("CREATE TABLE newer (id INTEGER PRIMARY KEY)")
"""


def is_free(port: int) -> bool:
    """Return whether nobody listens there: the machine has the network of this one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="mounts, so it needs root"),
    pytest.mark.skipif(not shutil.which("debootstrap"), reason="debootstrap is not installed"),
]


@dataclass(frozen=True)
class Door:
    """A way into the machine's site; it sends what a browser would, as `DemoServer` does."""

    origin: str
    port: int
    trusted: Path | None = None
    first: bytes = b""

    def post(self, path: str, fields: Fields) -> Answer:
        """Send a form, its end mark added."""
        body = urlencode([*fields, ("end", "1")]).encode()
        return self.request("POST", path, body, {"Origin": self.origin, "Content-Type": FORM})

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request."""
        host = self.origin.partition("//")[2]
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        if self.trusted:
            line = ssl.create_default_context(cafile=self.trusted).wrap_socket(
                line, server_hostname=host
            )
        line.sendall(self.first)
        connection = HTTPConnection(host)
        connection.sock = line
        connection.request(method, path, body, {"Host": host, **(headers or {})})
        answer: HTTPResponse = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return Answer(answer.status, text, dict(answer.getheaders()))


@dataclass
class Site:
    """The machine, what its first installation said, and its doors."""

    machine: Machine
    refused: str
    said: str
    backup_key: HybridIdentity

    @property
    def onion(self) -> Door:
        """Return the door that Tor would come by, on a circuit."""
        name = (self.machine.folder / "var/lib/tor/intake/hostname").read_text().strip()
        return Door(f"http://{name}", 8081, first=TOR % 7)

    @property
    def https(self) -> Door:
        """Return nginx's door."""
        trusted = self.machine.folder / "etc/nginx/intake/fullchain.pem"
        return Door(f"https://{DOMAIN}", 443, trusted)

    def count(self) -> int:
        """Return how many cases the store holds."""
        steps = "/opt/intake/current/deploy/steps.py"
        python = "/opt/intake/current/bin/python"
        as_intake = ("runuser", "-u", "intake", "--", python, steps)
        return int(self.machine.run(*as_intake, "entries", "/var/lib/intake").stdout) // 2

    def version(self) -> str:
        """Return which version is the current one."""
        return self.machine.run("readlink", "/opt/intake/current").stdout.strip()


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Install as the guide says: once without keys, which is refused, and again with them."""
    taken = [port for port in PORTS if not is_free(port)]
    if taken:
        pytest.skip(f"other programs listen on these ports of this machine: {taken}")
    folder = tmp_path_factory.mktemp("machine", numbered=True)
    folder.chmod(0o755)
    with fresh(folder, request.param) as machine:
        machine.put_checkout("intake")
        install = ("/root/intake/deploy/install.sh", DOMAIN, "you@example.org")
        first = machine.run(*install, check=False)
        assert first.returncode == 1, first.stdout
        today = datetime.now(UTC).date()
        programme = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
        for office in programme.keyed:
            for role in ("working", "recovery"):
                note = keyring.note(role, today, today + timedelta(days=30))
                add(folder / "etc/intake/keys", office.id, generate_hybrid(), note)
        backup, backup_key = folder / "etc/intake/backup.txt", generate_hybrid()
        backup.write_text(f"{backup_key.recipient()}\n")
        yield Site(machine, first.stdout, machine.run(*install).stdout, backup_key)
    shutil.rmtree(folder)


def test_machine_without_keys_is_told_what_is_missing(site: Site) -> None:
    """Nothing serves before the offices' keys are there."""
    assert "investigators.txt" in site.refused
    assert "not started yet" in site.refused
    assert "== Done: http://" in site.said
    assert f"https://{DOMAIN}" in site.said
    assert "No certificate yet" in site.said
    assert "No backups" not in site.said


def test_report_is_filed_through_nginx_and_through_the_onion(site: Site) -> None:
    """By both doors; no word of it lies anywhere on the machine."""
    before = site.count()
    witnesses = [Witness(1), Witness(2)]
    assert [w.send(d) for w, d in zip(witnesses, (site.https, site.onion), strict=True)] == [  # type: ignore[arg-type] # a door posts as a server does
        200,
        200,
    ]
    assert all(witness.words == witness.own_words for witness in witnesses)
    assert site.count() == before + 2
    for place in ("var/lib/intake", "var/lib/nginx", "var/log", "run", "tmp", "var/tmp"):
        for witness in witnesses:
            found = site.machine.run("grep", "-rlsaF", witness.account, f"/{place}", check=False)
            assert found.stdout == ""
    assert site.machine.run("find", "/run/nginx-intake-body", "-type", "f").stdout == ""


def test_doors_say_what_browsers_need(site: Site) -> None:
    """HSTS and the onion's address by HTTPS, HTTPS for who comes without, nothing by name."""
    page = site.https.request("GET", "/en/")
    assert page.status == 200
    assert "max-age" in page.headers["Strict-Transport-Security"]
    assert page.headers["Onion-Location"] == f"{site.onion.origin}/en/"
    plain = Door(f"http://{DOMAIN}", 80).request("GET", "/en/")
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{DOMAIN}/en/")
    with pytest.raises(ssl.SSLError):
        Door("https://other.example.org", 443, site.https.trusted).request("GET", "/")
    assert Door(site.onion.origin, 8081).request("GET", "/health").status == 400


def test_logs_name_nobody(site: Site) -> None:
    """No address and no path, in nginx's logs or ours."""
    site.https.request("GET", "/a-path-that-is-asked-for")
    told = ("grep", "-rlsE", r"a-path-that|127\.0\.0\.1 - ", "/var/log")
    found = site.machine.run(*told, check=False)
    assert found.stdout == ""


def test_files_belong_to_whom_they_should(site: Site) -> None:
    """The service reads its settings and changes none; nobody else reads anything of it."""
    stat = site.machine.run(
        *("stat", "-c", "%n %U:%G %a"),
        *("/etc/intake/intake.toml", "/etc/intake/keys", "/var/lib/intake", "/var/lib/tor/intake"),
        *("/var/lib/intake/intake.sqlite3", "/etc/nginx/intake", "/opt/intake/current/bin/intake"),
    )
    assert stat.stdout.splitlines() == [
        "/etc/intake/intake.toml root:intake 640",
        "/etc/intake/keys root:intake 750",
        "/var/lib/intake intake:intake 700",
        "/var/lib/tor/intake debian-tor:debian-tor 2700",
        "/var/lib/intake/intake.sqlite3 intake:intake 600",
        "/etc/nginx/intake root:root 700",
        "/opt/intake/current/bin/intake root:root 755",
    ]


def test_configurations_are_right_by_their_own_programs(site: Site) -> None:
    """By nginx -t, tor --verify-config and systemd-analyze verify on what was installed."""
    site.machine.run("nginx", "-t")
    defaults = ("--defaults-torrc", "/usr/share/tor/tor-service-defaults-torrc")
    site.machine.run("tor", "--verify-config", "-f", "/etc/tor/torrc", *defaults)
    units = [
        f"intake{name}.service"
        for name in ("", "-onion", "-worker", "-purge", "-backup", "-canary")
    ]
    assert site.machine.run("systemd-analyze", "verify", *units).stdout == ""
    enabled = site.machine.run("systemctl", "is-enabled", "intake", "intake-onion", "nginx", "tor")
    assert enabled.stdout.split() == ["enabled"] * 4
    dump = site.machine.run("apt-config", "dump").stdout
    assert 'APT::Periodic::Unattended-Upgrade "1"' in dump


def test_nightly_services_do_their_work_under_their_sandbox(site: Site) -> None:
    """Purge and backup, without a network; the trial report, by the server of this machine."""
    site.machine.run("systemctl", "start", "intake-purge", "intake-backup", "intake-canary")
    assert site.machine.run("ls", "/var/backups/intake").stdout


def test_command_of_the_guide_stops_the_site_that_runs(site: Site) -> None:
    """From a folder that is not the settings', as root: no other database is made or stopped."""
    told = site.machine.run("intake-site", "status", "--all", check=False).stdout
    assert "form: reports are taken" in told
    site.machine.run("intake-site", "programme", "stop")
    stopped = site.machine.run("intake-site", "status", check=False)
    assert (stopped.returncode, "nothing is taken since" in stopped.stdout) == (1, True)
    before = site.count()
    time.sleep(ASKED_SECONDS)
    for door in (site.https, site.onion):
        assert Witness(5).send(door) != 200  # type: ignore[arg-type] # as above
    assert site.count() == before
    site.machine.run("intake-site", "programme", "resume")
    time.sleep(ASKED_SECONDS)
    assert Witness(6).send(site.https) == 200  # type: ignore[arg-type] # as above
    assert "investigators" in site.machine.run("intake-site", "keys", "list").stdout
    owners = site.machine.run("find", "/var/lib/intake", "!", "-user", "intake").stdout
    assert owners == ""


def test_change_is_checked_before_the_services_start_again(site: Site) -> None:
    """A file that root wrote for herself alone is read; one that is wrong stops nothing."""
    keys = site.machine.folder / "etc/intake/keys/detention.txt"
    keys.chmod(0o600)
    os.chown(keys, 0, 0)
    assert "it answers" in site.machine.run("intake-site", "restart").stdout
    before = keys.read_text()
    keys.write_text("")
    refused = site.machine.run("intake-site", "restart", check=False)
    assert (refused.returncode, "nothing was started again" in refused.stdout) == (1, True)
    assert site.https.request("GET", "/health").text.strip() == "ok"
    keys.write_text(before)
    mail = site.machine.folder / "etc/intake/delivery.toml"
    mail.touch()
    refused = site.machine.run("intake-site", "restart", check=False)
    assert (refused.returncode, "mail: set delivery = " in refused.stdout) == (1, True)
    mail.unlink()


def test_site_goes_down_whole_and_comes_up(site: Site) -> None:
    """Nobody answers and nothing is enabled, until it is installed again."""
    assert "stays down" in site.machine.run("intake-site", "down").stdout
    assert [port for port in PORTS if not is_free(port)] == []
    names = ("intake", "intake-onion", "intake-purge.timer", "nginx", "tor")
    enabled = site.machine.run("systemctl", "is-enabled", *names, check=False)
    said = [line for line in enabled.stdout.splitlines() if line in ("enabled", "disabled")]
    assert said == ["disabled"] * len(names)
    site.machine.run("/root/intake/deploy/install.sh", DOMAIN, "you@example.org")
    assert Witness(8).send(site.onion) == 200  # type: ignore[arg-type] # as above


def test_site_comes_back_from_its_backups(site: Site) -> None:
    """In the guide's order; in another, no new database gets in the way."""
    cases = site.count()
    site.machine.run("systemctl", "start", "intake-backup")
    site.machine.run("systemctl", "stop", "intake", "intake-onion", "intake-worker")
    site.machine.run("mv", "/var/lib/intake", "/root/lost")
    install = ("/root/intake/deploy/install.sh", DOMAIN, "you@example.org")
    refused = site.machine.run(*install, check=False)
    assert (refused.returncode, "restore first" in refused.stdout) == (1, True)
    (site.machine.folder / "run/backup.identity").write_text(f"{site.backup_key.secret_text()}\n")
    site.machine.run("chown", "intake", "/run/backup.identity")
    site.machine.run(
        *("intake-site", "restore", "/var/backups/intake", "--identity", "/run/backup.identity")
    )
    site.machine.run("rm", "/run/backup.identity")
    assert site.machine.run("find", "/var/lib/intake", "!", "-user", "intake").stdout == ""
    assert "== Done: http://" in site.machine.run(*install).stdout
    assert site.count() == cases
    assert Witness(7).send(site.onion) == 200  # type: ignore[arg-type] # as above
    site.machine.run("rm", "-r", "/root/lost")


def test_installing_again_changes_nothing(site: Site) -> None:
    """What the operator wrote stays."""
    settings = site.machine.folder / "etc/intake/intake.toml"
    settings.write_text(settings.read_text().replace("threads = 16", "threads = 8"))
    before = settings.read_text(), site.version(), site.onion.origin
    site.machine.run("/root/intake/deploy/install.sh", DOMAIN, "you@example.org")
    assert (settings.read_text(), site.version(), site.onion.origin) == before
    assert site.https.request("GET", "/health").text.strip() == "ok"


def test_upgrade_and_rollback(site: Site) -> None:
    """On to a newer schema, where a report is filed; back, which says what is lost."""
    old, cases = site.version(), site.count()
    newer = site.machine.put_checkout("newer")
    versions = newer / "intake/store/migrations/versions"
    newest = max(versions.glob("r*.py")).read_text()
    head = re.findall(r'^revision(?:: str)? = "(.+)"$', newest, re.MULTILINE)[0]
    (versions / "r9999_newer.py").write_text(MIGRATION.format(head=head))
    assert "Done." in site.machine.run("/root/newer/deploy/upgrade.sh").stdout
    new = site.version()
    assert new != old
    assert Witness(3).send(site.https) == 200  # type: ignore[arg-type] # as above
    assert site.count() == cases + 1

    back = "/opt/intake/current/deploy/rollback.sh"
    kept = site.machine.run(back, check=False)
    assert kept.returncode == 1
    assert "lost by going back: 2" in kept.stdout
    assert site.version() == new
    assert site.https.request("GET", "/health").text.strip() == "ok"

    site.machine.run(back, "--lose-new")
    assert site.version() == old
    assert site.count() == cases
    assert Witness(4).send(site.onion) == 200  # type: ignore[arg-type] # as above


def test_upgrade_that_does_not_answer_goes_back_by_itself(site: Site) -> None:
    """The old version serves again, with everything that was filed."""
    old, cases = site.version(), site.count()
    broken = site.machine.put_checkout("broken")
    (broken / "intake/cli/serve.py").write_text("raise SystemExit('it does not start')\n")
    done = site.machine.run("/root/broken/deploy/upgrade.sh", check=False)
    assert done.returncode == 1
    assert f"Back at {old}" in done.stdout
    assert site.version() == old
    assert site.count() == cases
    assert site.https.request("GET", "/health").text.strip() == "ok"
