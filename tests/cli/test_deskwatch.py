"""`intake desk watch`: what an investigator types, and what her terminal says of the form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import deskwatch as module
from intake.cli import intake as command
from intake.crypto.unseal import generate_hybrid, parse_identities_file
from intake.desk import watch as watching
from intake.errors import ConfigError, KeyringError
from intake.paths import shipped
from intake.vault.vault import Vault
from intake.vault.writing import KEYS
from tests.desk.test_watch import NOW, OFFICE, Between, text_of, through_tor
from tests.support.loopback import served
from tests.support.site import Site, make_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Make a site; it is only looked at."""
    site = make_site(tmp_path_factory.mktemp("site"))
    yield site
    site.services.records.close()


@pytest.fixture
def folder(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a vault of an office beside the office's file of keys; no pause between visits."""
    monkeypatch.setattr(module, "pause", lambda: None)
    monkeypatch.setattr(module, "_now", lambda: NOW)
    key = generate_hybrid()
    (tmp_path / "id.txt").write_text(f"{key.secret_text()}\n")
    text = shipped("programmes/default.toml").read_text("utf-8")
    settings = {"server": "http://site.invalid", "office": OFFICE, "programme": text, "who": "Ana"}
    Vault.make(tmp_path / "vault", [key.recipient()], settings)
    (tmp_path / "keys.txt").write_text(keys_of(site))
    return tmp_path


def keys_of(site: Site) -> str:
    """Return the office's recipients file."""
    return (Path(site.services.config.keys) / f"{OFFICE}.txt").read_text()


def run(folder: Path, *more: str, keys: bool = True) -> Result:
    """Return what a watch gave."""
    given = ["desk", "watch", "--vault", str(folder / "vault"), "-i", str(folder / "id.txt")]
    given += ["--keys", str(folder / "keys.txt")] if keys else []
    return CliRunner().invoke(command, [*given, *more])


def last(folder: Path) -> watching.Watched | None:
    """Return what the vault keeps of the last watch."""
    identities = parse_identities_file((folder / "id.txt").read_text())
    vault = Vault(folder / "vault", lambda: 0.0).unlock(identities)
    with vault.use() as opened:
        found = watching.kept(opened)
    vault.lock()
    return found


def test_honest_form_is_said_so_and_kept(folder: Path, site: Site) -> None:
    """One sentence, exit code 0."""
    with served(lambda _origin: site.client.application) as origin:
        found = run(folder, "--site", origin)
    assert (found.exit_code, found.output) == (
        0,
        "the form hands out the office's own keys, and no other\n",
    )
    kept = last(folder)
    assert kept is not None
    assert kept.findings == ()


def test_foreign_key_is_a_warning_and_kept(folder: Path, site: Site) -> None:
    """Its words, so that people can compare by voice; exit code 1."""
    other = generate_hybrid().recipient()
    app = Between(site, lambda facts: facts["keys"][OFFICE].append(text_of(other)))
    with served(lambda _origin: app) as origin:  # type: ignore[arg-type,return-value] # an app
        found = run(folder, "--site", origin)
    assert found.exit_code == 1
    assert f"office {OFFICE}: the form seals to a key that is not yours (" in found.output
    kept = last(folder)
    assert kept is not None
    assert kept.findings[0].what is watching.What.FOREIGN


def test_form_is_visited_through_a_proxy(folder: Path, site: Site) -> None:
    """By its name alone, each visit on a circuit of its own."""
    with through_tor(site.client.application, "abc.onion") as (tor, port):
        proxy = f"socks5h://127.0.0.1:{port}"
        found = run(folder, "--site", "http://abc.onion", "--proxy", proxy)
    assert found.exit_code == 0, found.output
    first, again, second, _ = tor.circuits
    assert first == again != second


def test_office_without_its_keys_is_told_to_name_them(folder: Path) -> None:
    """A file, or what the vault keeps; never what the site says."""
    found = run(folder, keys=False)
    assert isinstance(found.exception, ConfigError)
    assert "--keys" in str(found.exception)
    (folder / "keys.txt").unlink()
    assert isinstance(run(folder).exception, KeyringError)


def test_keys_that_the_vault_keeps_serve_too(folder: Path, site: Site) -> None:
    """Whoever gave the vault its office's file need not name it again."""
    identities = parse_identities_file((folder / "id.txt").read_text())
    vault = Vault(folder / "vault", lambda: 0.0).unlock(identities)
    with vault.use() as opened, opened.database.write():
        opened.database.run("INSERT INTO settings VALUES (?, ?)", KEYS, keys_of(site))
    vault.lock()
    with served(lambda _origin: site.client.application) as origin:
        found = run(folder, "--site", origin, keys=False)
    assert found.exit_code == 0, found.output


@pytest.mark.parametrize(
    "more", [("--proxy", "127.0.0.1:9050"), ("--site", "https://site.test/en/")]
)
def test_wrong_address_is_refused_before_anything_is_asked(
    folder: Path, more: tuple[str, str]
) -> None:
    """With how it is written."""
    found = run(folder, *more)
    assert isinstance(found.exception, ConfigError)
    assert "written" in str(found.exception)
    assert last(folder) is None
