"""The server's own trial report: filed as a visitor does, told by whoever opens it, then gone."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.core import canary
from intake.errors import NotFoundError, ServerError
from intake.server.services import utc_today
from intake.store.state import Name
from tests.server.conftest import MakeSite
from tests.server.test_api import at
from tests.support.server import DemoServer, started
from tests.support.site import Site


def run(*words: str, **env: str) -> tuple[int, str]:
    """Return exit code and everything said."""
    found = CliRunner().invoke(command, words, env=env)
    return found.exit_code, found.output + str(found.exception or "")


def settings(server: DemoServer) -> dict[str, str]:
    """Return the settings by which a command works on a running server."""
    return {
        "INTAKE_DATA": str(server.folder / "data"),
        "INTAKE_KEYS": str(server.folder / "keys"),
        "INTAKE_ORIGIN": server.origin,
        "INTAKE_BIND": f"127.0.0.1:{server.port}",
    }


def open_all(server: DemoServer) -> tuple[int, str]:
    """Open what the fallback office may fetch."""
    identity = server.folder / "identities" / "investigators.txt"
    words = ("open", "--server", server.origin, "--office", "investigators")
    return run(*words, "--identity", str(identity))


def test_canary_is_filed_opened_and_gone(tmp_path: Path) -> None:
    """Over a real line; the next day's takes the place of one that waits."""
    with started(folder=tmp_path) as server:
        env = settings(server)
        for _ in range(2):
            assert run("canary", **env) == (0, "a canary was filed\n")
        code, said = open_all(server)
        assert (code, said) == (0, "the server's own trial was opened, and the server told\n")
        assert open_all(server) == (0, "")
        lines = run("status", "--all", **env)[1]
        assert f"canary: the last one opened was filed on {utc_today()}" in lines


@pytest.mark.slow
def test_canary_finds_a_server_behind_tor(tmp_path: Path) -> None:
    """It says the line that Tor would say; without, the server takes nothing."""
    with started({"INTAKE_CIRCUITS": "true"}, tmp_path) as server:
        env = settings(server)
        assert run("canary", **env)[0] == 1
        assert run("canary", INTAKE_CIRCUITS="true", **env) == (0, "a canary was filed\n")


@pytest.mark.slow
def test_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    """The operator's timer fails, and the canary counts as not opened."""
    with started(folder=tmp_path) as server:
        env = settings(server)
    code, said = run("canary", **env)
    assert (code, "no report can be filed: the server does not answer" in said) == (1, True)


def test_code_is_told_once_and_only_by_an_office(site: Site) -> None:
    """Guessing tells nothing."""
    services = site.services
    services.canaries.keep("a" * 32, "c" * 32, services.today())
    office = at(site).log_in("children", site.identities["children"])
    for wrong in ("d" * 32, "", "\ud800"):
        with pytest.raises((ServerError, UnicodeEncodeError)):
            office.tell_canary(wrong)
    assert site.client.post("/api/v1/canary", data=b'{"code":"x"}').status_code == 401
    office.tell_canary("c" * 32)
    with pytest.raises(ServerError, match="no canary has this code"):
        office.tell_canary("c" * 32)
    assert services.door._state.all()[Name.CANARY] == services.today()
    with pytest.raises(NotFoundError):
        services.canaries.open("c" * 32, services.today())


@pytest.mark.parametrize("account", ["", "Code: " + "a" * 32, None, ["x"], canary.text("A" * 32)])
def test_what_only_looks_like_a_canary_is_none(account: object) -> None:
    """A person's words are never taken for one."""
    assert canary.code(account) == ""
    assert canary.code(canary.text("ab" * 16)) == "ab" * 16


def test_site_is_ready_while_reports_would_be_taken(sites: MakeSite) -> None:
    """And says nothing of why not."""
    site = sites()
    site.services.door._clock = iter(range(0, 10**6, 10)).__next__
    assert site.client.get("/ready").text == "ready\n"
    site.services.door.remember(Name.STOPPED, site.services.today())
    answer = site.client.get("/ready")
    assert (answer.status_code, answer.text) == (503, "not ready\n")
    full = sites(disk_megabytes=100_000_000)
    assert full.client.get("/ready").status_code == 503
