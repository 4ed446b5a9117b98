"""What is in deploy/ by its own programs: systemd-analyze, nginx, tor, shellcheck, docker-compose.

Nothing is started but a server under its unit's sandbox; nothing outside a scratch folder is read.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import click
import pytest

from intake.cli import COMMANDS
from intake.cli import intake as intake_command
from intake.delivery.settings import OfficeMail
from intake.server.config import Config, read
from tests.deploy.sandbox import allowed, settings
from tests.support.server import DemoServer, free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
HARDEN = DEPLOY / "systemd" / "harden.conf"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SCRIPTS = sorted(DEPLOY.glob("*.sh"))
WORST = 1.5
GUIDES = {
    name: (ROOT / name).read_text("utf-8")
    for name in (
        *("README.md", "deploy/README.md", "deploy/HANDOVER.md", "keys/README.md"),
        *("docs/operations.md", "docs/delivery.md"),
    )
}
FORBIDDEN = """
import mmap, os, socket
tries = {
    "own": lambda: os.chown("/tmp", 0, 0),
    "root": lambda: os.chroot("/"),
    "nice": lambda: os.nice(1),
    "page": lambda: mmap.mmap(-1, 4096, prot=7),
    "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
}
for name, attempt in tries.items():
    try:
        attempt()
        print(name)
    except OSError:
        pass
print("end")
"""
SANDBOX = Path(__file__).with_name("sandbox.py")


def program(name: str) -> str:
    """Return the path of a program, or skip where it is not installed."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"{name} is not installed here, `make programs` tries to")
    return found


def run(*command: str | Path, folder: Path = ROOT) -> str:
    """Run a program and return what it said; fails with all of it."""
    done = subprocess.run(
        command,
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that holds the units as units.sh puts them, and what they start."""
    base = tmp_path_factory.mktemp("root")
    place = base / "etc/systemd/system"
    for unit in UNITS:
        beside = place / f"{unit.name}.d"
        beside.mkdir(parents=True)
        shutil.copy(unit, place)
        shutil.copy(HARDEN, beside)
    for timer in (DEPLOY / "systemd").glob("*.timer"):
        shutil.copy(timer, place)
    started = base / "opt/intake/current/bin/intake"
    started.parent.mkdir(parents=True)
    started.write_text("#!/bin/sh\n")
    started.chmod(0o755)
    for name in (
        "basic",
        "sysinit",
        "shutdown",
        "network",
        "network-online",
        "multi-user",
        "timers",
    ):
        (place / f"{name}.target").write_text(f"[Unit]\nDescription={name}\n")
    for name in ("system", "-"):
        (place / f"{name}.slice").write_text(f"[Unit]\nDescription={name}\n")
    return base


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_unit_is_exposed_to_little(root: Path, unit: Path) -> None:
    """By systemd's own measure, from 0 to 10."""
    analyze = program("systemd-analyze")
    said = run(
        *(analyze, "security", "--offline=true", f"--root={root}", "--no-pager"),
        *(f"--threshold={WORST * 10:.0f}", unit.name),
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found
    assert float(found[1]) < WORST


def test_measure_sees_a_unit_without_its_sandbox(root: Path, tmp_path: Path) -> None:
    """The number above means something."""
    analyze = program("systemd-analyze")
    bare = tmp_path / "root"
    shutil.copytree(root, bare)
    shutil.rmtree(bare / "etc/systemd/system/intake.service.d")
    command = (analyze, "security", "--offline=true", f"--root={bare}", "--no-pager")
    done = subprocess.run((*command, "--threshold=15", "intake.service"), check=False)
    assert done.returncode != 0


def test_units_are_well_formed(root: Path) -> None:
    """No setting that systemd does not know, no calendar that it does not understand."""
    names = [path.name for path in (DEPLOY / "systemd").iterdir() if path.suffix != ".conf"]
    said = run(program("systemd-analyze"), "verify", "--man=no", f"--root={root}", *names)
    assert not [line for line in said.splitlines() if "intake" in line], said


def test_server_works_under_its_sandbox(tmp_path: Path) -> None:
    """The calls it may make, no page both writable and executable, and no other sort of socket."""
    unit = DEPLOY / "systemd" / "intake.service"
    server = DemoServer(tmp_path / "demo", free_port())
    command = (sys.executable, SANDBOX, unit, HARDEN, "--", sys.executable, "-m", "intake", "demo")
    server.folder.mkdir()
    with (server.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            (*command, "--dir", server.folder, "--port", str(server.port)), stdout=log, stderr=log
        )
    try:
        wait_for(server.port)
        assert server.request("GET", "/health").text.strip() == "ok"
        sent = server.post("/en/", [("account", "seven blue herons")])
        assert sent.status == 200
        assert "seven blue herons" in sent.text
    finally:
        process.terminate()
        process.wait(20)


def test_sandbox_forbids_what_the_units_forbid() -> None:
    """The test before would see a unit that forbids too much."""
    unit = DEPLOY / "systemd" / "intake.service"
    command = (sys.executable, SANDBOX, unit, HARDEN, "--", sys.executable, "-c", FORBIDDEN)
    assert run(*command) == "end\n"


def test_every_service_forbids_the_same() -> None:
    """A unit adds nothing to the calls, and takes nothing away but the network."""
    program("systemd-analyze")
    for unit in UNITS:
        wanted = settings([unit, HARDEN])
        assert "SystemCallFilter" not in settings([unit])
        assert "ptrace" not in allowed(wanted["SystemCallFilter"])
        assert wanted["User"] == ["intake"]
        assert wanted["MemorySwapMax"] == ["0"]


KEPT = {
    "MemorySwapMax": "0",
    "LimitCORE": "0",
    "UMask": "0077",
    "StateDirectoryMode": "0700",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "ProtectProc": "invisible",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "MemoryDenyWriteExecute": "yes",
}


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_service_keeps_what_it_has_from_the_disk_and_from_others(unit: Path) -> None:
    """Each by itself: the measure above allows for one of them to be missing."""
    wanted = settings([unit, HARDEN])
    assert {name: wanted.get(name) for name in KEPT} == {name: [KEPT[name]] for name in KEPT}


NOWHERE = {"PrivateNetwork": ["yes"], "IPAddressDeny": ["any"]}
HERE = {"IPAddressDeny": ["any"], "IPAddressAllow": ["localhost"]}
REACHED = {
    "intake.service": HERE,
    "intake-onion.service": HERE,
    "intake-canary.service": HERE,
    "intake-purge.service": NOWHERE,
    "intake-backup.service": NOWHERE,
    "intake-worker.service": {"SocketBindDeny": ["any"]},
}


def test_no_service_reaches_more_than_it_needs() -> None:
    """What deletes or copies has no network, what serves this machine, and mail takes no call."""
    assert {unit.name for unit in UNITS} == REACHED.keys()
    network = {*NOWHERE, *HERE, "SocketBindDeny"}
    for unit in UNITS:
        found = settings([unit, HARDEN])
        assert {name: found[name] for name in network & found.keys()} == REACHED[unit.name]


def test_backup_of_a_night_comes_after_its_purge_and_has_where_to_write() -> None:
    """Or it would keep for its days what was deleted in the same night."""
    found = settings([DEPLOY / "systemd" / "intake-backup.service", HARDEN])
    assert "intake-purge.service" in found["After"]
    assert found["ReadWritePaths"] == ["/var/backups/intake"]


def nginx(folder: Path, *arguments: str) -> tuple[str, ...]:
    """Return the command line of an nginx that lives in a folder, on ports of its own."""
    site = (DEPLOY / "nginx" / "intake.conf").read_text()
    openssl = program("openssl")
    run(
        *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=reports"),
        *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"),
    )
    site = site.replace("/etc/nginx/intake/", f"{folder}/").replace("/run/", f"{folder}/")
    text = f"pid {folder}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n"
    (folder / "nginx.conf").write_text(text)
    errors = f"error_log {folder}/errors;"
    return (program("nginx"), "-p", str(folder), "-c", "nginx.conf", "-g", errors, *arguments)


def test_nginx_takes_its_site(tmp_path: Path) -> None:
    """By nginx -t, as Debian includes it: within http."""
    assert "test is successful" in run(*nginx(tmp_path, "-t"))


def test_nginx_keeps_nothing() -> None:
    """Each of these lines keeps words or addresses from the disk; see SECURITY.md."""
    site = (DEPLOY / "nginx" / "intake.conf").read_text()
    lines = {line.strip() for line in site.splitlines()}
    assert {
        "access_log off;",
        "error_log /dev/null crit;",
        "proxy_request_buffering off;",
        "proxy_http_version 1.1;",
        "proxy_max_temp_file_size 0;",
        "client_max_body_size 0;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "gzip off;",
    } <= lines
    assert site.index("access_log off;") < site.index("server {")


def test_tor_takes_its_settings(tmp_path: Path) -> None:
    """Each line is known to Debian's tor, the proof of work too."""
    tor = program("tor")
    text = (
        (DEPLOY / "tor" / "torrc").read_text().replace("/var/lib/tor/intake", f"{tmp_path}/onion")
    )
    (tmp_path / "torrc").write_text(text)
    (tmp_path / "data").mkdir(mode=0o700)
    said = run(
        *(tor, "--verify-config", "-f", tmp_path / "torrc", "--DataDirectory", tmp_path / "data"),
        *("--defaults-torrc", "/dev/null"),
    )
    assert "Configuration was valid" in said
    assert "[warn]" not in "".join(re.findall(r".*(?:HiddenService|Unknown|deprecated).*", said))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_have_no_trap(script: Path) -> None:
    """By shellcheck."""
    run(program("shellcheck"), "--external-sources", "--source-path=SCRIPTDIR", script)


def test_compose_file_is_one() -> None:
    """By docker-compose, which needs no engine to read it; with all its parts."""
    compose = (program("docker-compose"), "-f", DEPLOY / "compose.yaml", "--profile", "onion")
    said = run(*compose, "config")
    services = re.findall(r"^  (\w+):$", said.split("volumes:\n  data")[0], re.MULTILINE)
    assert {"server", "worker", "nginx", "onion", "tor"} <= set(services)
    for forbidden in ("read_only: true", "- no-new-privileges:true", "- ALL"):
        assert said.count(forbidden) >= 5, forbidden


def test_image_is_made_of_named_files_only() -> None:
    """Nothing of a checkout gets in that is not named: no key, no data."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    assert not [rule for rule in rules if rule.startswith("!") and "key" in rule]
    stages = re.findall(r"^FROM .* AS (\w+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert stages[-1] == "intake"


def commands(text: str) -> set[str]:
    """Return the names of the commands of intake that a text calls."""
    return set(re.findall(r"(?:^ *|[|/`] ?)intake(?:-site)? ([a-z][a-z-]*)", text, re.MULTILINE))


def test_units_start_commands_that_exist() -> None:
    """With the settings where install.sh puts them."""
    for unit in UNITS:
        (start,) = settings([unit])["ExecStart"]
        found = re.fullmatch(
            r"/opt/intake/current/bin/intake ([a-z-]+) --config /etc/intake/(intake|onion)\.toml",
            start,
        )
        assert found, start
        assert found[1] in COMMANDS


@pytest.mark.parametrize("name", GUIDES)
def test_guide_names_commands_files_and_settings_that_exist(name: str) -> None:
    """In its code: a volunteer types what stands there."""
    text = GUIDES[name]
    code = "\n".join(re.findall(r"^ {4,}.*$|`[^`\n]+`", text, re.MULTILINE))
    assert commands(code) <= {*COMMANDS, "restart", "down"}
    for path in re.findall(
        r"(?:^ *|`)(?:/opt/intake/current/)?deploy/([\w./-]+)", code, re.MULTILINE
    ):
        assert (DEPLOY / path.rstrip(".")).exists(), path
    known = {field.name for kind in (Config, OfficeMail) for field in fields(kind)}
    for setting in re.findall(r"`([a-z_]+) = ", text):
        assert setting in known, setting


def anchors(text: str) -> set[str]:
    """Return what a link may name behind its #."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", GUIDES)
def test_guide_links_to_what_is_there(name: str) -> None:
    """A file, and the heading in it: half of each step stands elsewhere."""
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", GUIDES[name]):
        path = (ROOT / name).parent / target if target else ROOT / name
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text("utf-8")), anchor


def with_settings(command: click.Command) -> bool:
    """Return whether a command, or those of a group, take --config."""
    if isinstance(command, click.Group):
        return any(map(with_settings, command.commands.values()))
    return any("--config" in option.opts for option in command.params)


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Give what runs `intake-site`: a program that says its arguments, user and folder."""
    (tmp_path / "runuser").write_text('#!/bin/sh\nshift 3\nas=intake exec "$@"\n')
    (tmp_path / "intake").write_text('#!/bin/sh\necho "${as:-root}: $*, $PWD, $(umask)"\n')
    text = (DEPLOY / "intake-site.sh").read_text().replace("/opt/intake/current/bin", str(tmp_path))
    (tmp_path / "intake-site").write_text(text.replace("/etc/intake", str(tmp_path)))
    for name in ("runuser", "intake", "intake-site"):
        (tmp_path / name).chmod(0o755)

    def call(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            (tmp_path / "intake-site", *arguments),
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.replace(f", {tmp_path}, 0077\n", "")

    return call


def test_each_command_on_the_server_has_the_sites_settings(
    site: Callable[..., tuple[int, str]],
) -> None:
    """As the services' user, in the settings' folder; but those that have none."""
    for name in COMMANDS:
        command = intake_command.get_command(click.Context(intake_command), name)
        assert command is not None
        if name != "keys":
            settings = " --config intake.toml" if with_settings(command) else ""
            assert site(name) == (0, f"intake: {name}{settings}"), name
    assert site("programme", "stop") == (0, "intake: programme stop --config intake.toml")
    assert site("check", "--config", "onion.toml") == (0, "intake: check --config onion.toml")
    assert site("status", "--help") == (0, "intake: status --help")


def test_no_key_is_made_on_the_server(site: Callable[..., tuple[int, str]]) -> None:
    """The public ones are listed and removed there, by root, whose files they are."""
    assert site("keys", "list") == (0, "root: keys list")
    assert site("keys", "remove", "inv", "a b") == (0, "root: keys remove inv a b")
    for name in ("new", "rotate", "split", "combine", ""):
        code, said = site("keys", name)
        assert (code, "on the office's own machine" in said) == (1, True)


def test_installer_writes_settings_that_exist() -> None:
    """Each INTAKE_ variable of install.sh is a setting, and a value that is taken."""
    names = re.findall(r"INTAKE_([A-Z_]+)=", (DEPLOY / "install.sh").read_text())
    assert names
    assert {name.lower() for name in names} <= {field.name for field in fields(Config)}
    read({"INTAKE_CIRCUITS": "true", "INTAKE_BIND": "127.0.0.1:8081"})
