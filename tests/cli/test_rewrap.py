"""`intake keys rewrap`: what is open fits the keys of today, and nothing else has changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import cast

import pytest
from click.testing import Result

from intake.cli import keys as keys_command
from intake.cli import rotate, shares
from intake.client import Server
from intake.core import limits, wire
from intake.crypto import keyring
from intake.crypto.age import make_header
from intake.crypto.seal import SealedHeader
from intake.crypto.unseal import HybridIdentity, generate_hybrid, open_sealed
from intake.errors import IntakeError, KeyringError, LoginError, NoMatchError
from intake.server.app import make_app
from intake.wordlists import wordlist
from tests.server.conftest import MakeSite, sites  # noqa: F401 - a fixture
from tests.server.test_api import FakeConnection, at
from tests.server.test_case import come
from tests.support.keys import Keys
from tests.support.site import ORIGIN, TODAY, Site


@dataclass
class Desk:
    """An office's own machine: its folder of keys, its identities, and the site it works with."""

    site: Site
    keys: Keys
    patch: pytest.MonkeyPatch

    def sealed(self, identity: HybridIdentity) -> list[wire.Sealed]:
        """Fetch everything as the office."""
        return list(at(self.site).log_in(self.keys.office, identity).entries())

    def serve(self, server: Server | None = None) -> None:
        """Start the site again with the keys in the folder."""
        found = keyring.read(self.keys.public, self.site.services.programme, TODAY)[0]
        services = replace(self.site.services, keyring=found)
        self.site = replace(self.site, services=services, client=make_app(services).test_client())
        self.patch.setattr(Server, "at", lambda origin: server or at(self.site, origin))

    def rewrap(self, *identities: str, more: tuple[str, ...] = ("--compared",)) -> Result:
        """Run the command."""
        named = [part for name in identities for part in ("-i", str(self.keys.folder / name))]
        passphrase = ("--passphrase-file", str(self.keys.folder / "passphrase"))
        rest = ("--keys", str(self.keys.public), *passphrase, *more)
        return self.keys.run(
            "rewrap", "--server", ORIGIN, "--office", self.keys.office, *named, *rest
        )


@pytest.fixture
def desk(sites: MakeSite, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Desk:  # noqa: F811 - pytest's way
    """Give a site whose investigators have the keys of these files, and three reports."""
    # Imported above: one that is imported while `keys` has this clock would keep it for good.
    for module in (keys_command, rotate, shares):
        monkeypatch.setattr(module, "today", lambda: TODAY)
    keys.path.unlink()
    for name in ("old.age", "recovery.age"):
        (keys.folder / name).unlink()
    site = sites()
    folder = Path(site.services.config.keys)
    for path in folder.iterdir():
        (keys.public / path.name).write_bytes(path.read_bytes())
    keys.path.unlink()
    made = Desk(site, keys.have(), monkeypatch)
    made.serve()
    for _ in range(3):
        come(made.site, ("investigators",))
    return made


def test_rotation_from_the_first_day_to_the_last(desk: Desk) -> None:
    """Old opens old, new opens new, both during the overlap; after it the new one opens all."""
    keys = desk.keys
    old = keys.identity("old.age")
    payloads = {one.entry: one.payload for one in desk.sealed(old)}
    assert keys.make("rotate", "new.age").exit_code == 0
    desk.serve()
    new = keys.identity("new.age")
    come(desk.site, ("investigators",))
    during = desk.sealed(old)
    assert len(during) == 4
    for one in during:
        assert open_sealed(one.header, one.payload, [old])
        if one.entry in payloads:
            with pytest.raises(NoMatchError):
                open_sealed(one.header, one.payload, [new])
        else:
            assert open_sealed(one.header, one.payload, [new])

    done = desk.rewrap("old.age", "new.age")
    assert (done.exit_code, "4 sealed anew, 0 not" in done.output) == (0, True), done.output
    for one in desk.sealed(new):
        for identity in (new, old, keys.identity("recovery.age")):  # the overlap still lasts
            assert open_sealed(one.header, one.payload, [identity])

    gone = keys.change("remove", keys.key("old.age").fingerprint)
    assert gone.exit_code == 0, gone.exception
    desk.serve()
    assert desk.rewrap("new.age").exit_code == 0
    for one in desk.sealed(new):
        assert open_sealed(one.header, one.payload, [new])
        with pytest.raises(NoMatchError):
            open_sealed(one.header, one.payload, [old])
        assert payloads.get(one.entry, one.payload) == one.payload
    with pytest.raises(KeyringError):
        desk.sealed(old)


def test_leaver_reads_nothing_new_and_what_she_copied(desk: Desk) -> None:
    """Removal protects what comes; the copy that she kept still opens, and the output said so."""
    keys = desk.keys
    leaver = keys.identity("old.age")
    copies = desk.sealed(leaver)
    keys.make("new", "new.age")
    said = keys.change("remove", keys.key("old.age").fingerprint).output
    assert "nothing before" in said
    desk.serve()
    come(desk.site, ("investigators",))
    assert desk.rewrap("new.age", "recovery.age").exit_code == 0
    for one in desk.sealed(keys.identity("new.age")):
        with pytest.raises(NoMatchError):
            open_sealed(one.header, one.payload, [leaver])
    for one in copies:
        assert open_sealed(one.header, one.payload, [leaver])


def test_two_of_three_bring_back_an_office_that_lost_its_working_key(desk: Desk) -> None:
    """The recovery key, made again, opens all, and seals it to a new working key."""
    keys = desk.keys
    folder = keys.folder / "shares"
    keys.run("split", keys.office, *keys.into("recovery.age"), "--out", str(folder))
    for name in ("old.age", "recovery.age"):
        (keys.folder / name).unlink()
    papers = [str(path) for path in sorted(folder.iterdir())]
    rest = ("--keys", str(keys.public))
    assert keys.run("combine", papers[2], papers[0], *keys.into("again.age"), *rest).exit_code == 0
    assert keys.make("rotate", "new.age").exit_code == 0
    desk.serve()
    assert desk.rewrap("again.age").exit_code == 0
    found = desk.sealed(keys.identity("new.age"))
    assert len(found) == 3
    for one in found:
        assert open_sealed(one.header, one.payload, [keys.identity("new.age")])


def test_nothing_counts_as_fetched(desk: Desk) -> None:
    """An unread report is still unread to its witness."""
    witness = come(desk.site, ("investigators",))
    desk.keys.make("rotate", "new.age")
    desk.serve()
    assert "4 sealed anew" in desk.rewrap("old.age", "new.age").output
    witness.site = desk.site
    assert "It is removed." in witness.end("withdraw", "investigators").text


def test_dry_run_opens_all_and_sends_nothing(desk: Desk) -> None:
    """It logs in, and says what would be done and for whom."""
    old = desk.keys.identity("old.age")
    before = [one.header for one in desk.sealed(old)]
    done = desk.rewrap("old.age", more=("--dry-run",))
    assert done.exit_code == 0, done.output
    assert "3 would be sealed anew; nothing was changed, 0 not" in done.output
    assert [one.header for one in desk.sealed(old)] == before


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_words_that_nobody_compared_are_not_sealed_to(desk: Desk, answer: str) -> None:
    """They are shown, and it asks; without a clear yes nothing is sent."""
    old = desk.keys.identity("old.age")
    before = [one.header for one in desk.sealed(old)]
    rest = ("--keys", str(desk.keys.public), "-i", str(desk.keys.folder / "old.age"))
    asked = ("rewrap", "--server", ORIGIN, "--office", desk.keys.office, *rest)
    done = desk.keys.run(*asked, typed=answer)
    assert done.exit_code == 1
    assert "Were all these words compared by voice?" in done.output
    for key in desk.keys.file.keys:
        assert keyring.spoken(key.fingerprint, wordlist("en")) in done.output
    assert [one.header for one in desk.sealed(old)] == before


def test_one_broken_entry_blocks_no_other(desk: Desk) -> None:
    """A header sealed to nobody we know, and one that is gone, are named; the exit code says so."""
    old = desk.keys.identity("old.age")
    office = at(desk.site).log_in(desk.keys.office, old)
    first, second, third = office.items()
    strange = make_header(bytes(16), [generate_hybrid().recipient()]).encode()

    class Broken(FakeConnection):
        def request(
            self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
        ) -> None:
            super().request(method, path, body, headers)
            if path.endswith(f"{first}/header") and method == "GET":
                self.answer.seek(0)
                self.answer.truncate()
                self.answer.write(wire.encode(wire.Wrapping(first, strange)))
                self.answer.seek(0)
            if path.endswith(f"{second}/header"):
                super().request(method, "/api/v1/entries/x/header", body, headers)

    broken = Server(ORIGIN, lambda: cast("HTTPConnection", Broken(desk.site)))
    before = office.header(third)
    desk.serve(broken)
    done = desk.rewrap("old.age")
    assert done.exit_code == 1
    assert f"entry {first}: none of the identities opens this file" in done.output
    assert f"entry {second}: this names no entry" in done.output
    assert "1 sealed anew, 2 not" in done.output
    assert office.header(third) != before


def test_header_that_you_could_not_open_is_not_sent(desk: Desk) -> None:
    """It is opened with your own key before the one that opens is gone."""
    old = desk.keys.identity("old.age")
    before = [one.header for one in desk.sealed(old)]
    strange = SealedHeader.of(make_header(bytes(16), [generate_hybrid().recipient()]))
    desk.patch.setattr("intake.vault.rewrapping.opening.rewrap", lambda *_: strange)
    done = desk.rewrap("old.age")
    assert (done.exit_code, "0 sealed anew, 3 not" in done.output) == (1, True)
    assert [one.header for one in desk.sealed(old)] == before


def test_session_that_ends_on_the_way_is_begun_again(desk: Desk) -> None:
    """A large office needs more than a quarter of an hour."""
    clock = [1_800_000_000.0]
    services = replace(desk.site.services, now=lambda: clock[0])
    site = replace(desk.site, client=make_app(services).test_client())

    class Slow(FakeConnection):
        def request(
            self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
        ) -> None:
            super().request(method, path, body, headers)
            if method == "PUT":
                clock[0] += limits.SESSION_SECONDS + 1

    desk.patch.setattr("intake.client.time.time", lambda: clock[0])
    desk.serve(Server(ORIGIN, lambda: cast("HTTPConnection", Slow(site))))
    done = desk.rewrap("old.age")
    assert "3 sealed anew, 0 not" in done.output, (done.output, done.exception)


def test_who_will_read_is_not_you_is_said(desk: Desk) -> None:
    """A recovery key that was replaced can still do the work; but then it opens nothing more."""
    desk.keys.make("new", "new.age")
    desk.serve()
    old = desk.keys.key("old.age")
    desk.keys.change("remove", old.fingerprint)
    done = desk.rewrap("old.age")
    assert "none of your identities is one of these keys" in done.output
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "\n".join(text.split("\n")[:2]) + "\n", "has 1 valid keys, two to four"),
        (lambda text: text.replace("2028", "2026").replace("2026-11-24", "2024-01-01"), "has "),
        (lambda text: text + "nonsense\n", "investigators.txt:5:"),
        (lambda _: "", "has 0 valid keys"),
    ],
)
def test_folder_that_cannot_be_sealed_to_is_refused_first(
    desk: Desk, change: object, said: str
) -> None:
    """Before anybody logs in; nothing is changed."""
    assert callable(change)
    desk.keys.path.write_text(change(desk.keys.path.read_text()))
    desk.serve(Server(ORIGIN, lambda: pytest.fail("nobody logs in")))
    done = desk.rewrap("old.age")
    assert isinstance(done.exception, KeyringError)
    assert said in str(done.exception)


def test_identity_that_is_no_key_of_the_office_cannot_begin(desk: Desk) -> None:
    """A stranger's, or one that was removed, with the sentence of the login."""
    made = generate_hybrid()
    (desk.keys.folder / "stranger.txt").write_text(f"{made.secret_text()}\n")
    done = desk.rewrap("stranger.txt")
    assert isinstance(done.exception, IntakeError)
    assert "not one of the office's keys" in str(done.exception)
    assert not isinstance(done.exception, LoginError)
