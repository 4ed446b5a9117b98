"""`intake desk`: what an investigator types, and what her terminal shows of it."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from intake.cli import desk as module
from intake.cli import intake as command
from intake.core.entry import Entry, ReportBody
from intake.crypto.unseal import HybridIdentity, generate_hybrid, parse_identities_file
from intake.vault import custody
from tests.crypto import entries
from tests.support.desk import OFFICE, TODAY, Shelf
from tests.support.filing import Witness
from tests.support.programmes import SMALL
from tests.support.server import started

HOSTILE = "\x1b[2J\u202eABC\x07 They came at night; " + "very long " * 40


class Terminal:
    """Types commands for one vault."""

    def __init__(self, folder: Path, key: HybridIdentity) -> None:
        """Write identity and programme into a folder."""
        self.folder = folder
        (folder / "id.txt").write_text(f"{key.secret_text()}\n")
        (folder / "small.toml").write_text(SMALL)

    def type(self, name: str, *more: str, vault: str = "vault") -> Result:
        """Return what a command gave."""
        given = ["desk", name, "--vault", str(self.folder / vault)]
        if name != "lock":
            given += ["-i", str(self.folder / "id.txt")]
        return CliRunner().invoke(command, [*given, *more])

    def new(self) -> Result:
        """Make the vault."""
        told = ("--server", "https://site.test", "--office", OFFICE, "--who", "Ana")
        return self.type("new", *told, "--programme", str(self.folder / "small.toml"))


@pytest.fixture
def key() -> HybridIdentity:
    """Make the investigator's identity."""
    return generate_hybrid()


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Let commands log in to a server in memory."""
    made = Shelf()
    monkeypatch.setattr(module, "_log_in", lambda *_: made.office())
    return made


@pytest.fixture
def terminal(tmp_path: Path, key: HybridIdentity, shelf: Shelf) -> Terminal:
    """Make a vault and fetch a report, a hostile one and one that is set aside."""
    made = Terminal(tmp_path, key)
    assert made.new().exit_code == 0
    shelf.put(entries.report(), TODAY, key)
    shelf.put(hostile(), TODAY, key)
    shelf.put(
        msgspec.structs.replace(entries.report(), case="aa" * 16, id="bb" * 16),
        TODAY,
        generate_hybrid(),
    )
    synced = made.type("sync")
    assert (synced.exit_code, synced.output.splitlines()[0]) == (
        1,
        "fetched 3, opened 2, set aside 1, gone from the server 0, headers replaced 0",
    )
    return made


def hostile() -> Entry:
    """Return a report that tries to steer a terminal."""
    entry = entries.report()
    assert isinstance(entry.body, ReportBody)
    body = msgspec.structs.replace(
        entry.body, answers={"account": HOSTILE, "custody": "yes", "urgency": "life"}
    )
    return msgspec.structs.replace(entry, case="dd" * 16, id="de" * 16, body=body)


def test_list_fits_a_terminal_and_steers_none(terminal: Terminal) -> None:
    """Eighty columns; marks for what is urgent; no control characters."""
    shown = terminal.type("list")
    assert shown.exit_code == 0, shown.output
    assert entries.CASE in shown.output
    assert "URGENT · CUSTODY" in shown.output
    assert all(len(line) <= 80 for line in shown.output.splitlines())
    assert not set(shown.output) & {"\x1b", "\x07", "\u202e"}


def test_list_filters_and_names_what_was_set_aside(terminal: Terminal) -> None:
    """One case has custody; one entry has a reason."""
    assert entries.CASE not in terminal.type("list", "--custody").output
    assert terminal.type("list", "--child").output == "nothing\n"
    aside = terminal.type("list", "--aside").output
    assert "bb" * 16 in aside
    assert "none of the identities" in aside
    assert entries.CASE in terminal.type("list", "--due").output


def test_search_and_json(terminal: Terminal) -> None:
    """For people and for programs."""
    assert entries.CASE in terminal.type("search", "LIST", "of", "nam").output
    assert terminal.type("search", "zebra").output == "nothing\n"
    rows = [json.loads(line) for line in terminal.type("list", "--json").output.splitlines()]
    assert {row["id"] for row in rows} == {entries.CASE, "dd" * 16}
    assert terminal.type("list", "--json").output.isascii()


def test_show_reads_a_case_and_notes_it(terminal: Terminal) -> None:
    """The report as `intake open` shows it; the custody log says who read it."""
    shown = terminal.type("show", "dd" * 16)
    assert "They came at night" in shown.output
    assert not set(shown.output) & {"\x1b", "\x07", "\u202e"}
    log = terminal.type("custody", "dd" * 16, "--json").output
    links = custody.parse(log.encode())
    assert [link.what for link in links] == ["fetched", "opened", "shown"]
    assert {link.who for link in links} == {"Ana"}
    head = custody.verify(links, "dd" * 16)
    assert head not in terminal.type("custody", "dd" * 16).output  # exporting was noted too
    assert terminal.type("custody", "dd" * 16, "--head", head).exit_code == 0
    assert "no such case" in str(terminal.type("show", "ff" * 16).exception)


def test_backup_and_restore(terminal: Terminal) -> None:
    """Into another folder, with the same identity."""
    path = str(terminal.folder / "backup.age")
    assert terminal.type("backup", "-o", path).exit_code == 0
    assert terminal.type("restore", path, vault="second").exit_code == 0
    assert terminal.type("list", vault="second").output == terminal.type("list").output


def test_lock_asks_whoever_has_it_open(terminal: Terminal) -> None:
    """And a folder without a vault is named."""
    assert terminal.type("lock").exit_code == 0
    assert (terminal.folder / "vault" / "lock").exists()
    assert "no vault" in str(terminal.type("lock", vault="nowhere").exception)


@pytest.fixture
def answerable(terminal: Terminal, key: HybridIdentity, shelf: Shelf) -> Terminal:
    """Give the vault the office's keys, and fetch a report that can be answered."""
    keys = terminal.folder / "inv.txt"
    keys.write_text(f"{key.recipient()}\n")
    told = ("--server", "https://site.test", "--office", OFFICE, "--who", "Ana")
    more = ("--programme", str(terminal.folder / "small.toml"), "--keys", str(keys))
    assert terminal.type("new", *told, *more, vault="team").exit_code == 0
    shelf.sealed.clear()
    report = entries.report()
    assert isinstance(report.body, ReportBody)
    body = msgspec.structs.replace(report.body, reply_to=generate_hybrid().recipient().raw)
    shelf.put(msgspec.structs.replace(report, body=body), TODAY, key)
    assert terminal.type("sync", vault="team").exit_code == 0
    return terminal


def test_case_is_acknowledged_answered_and_worked_on(answerable: Terminal, shelf: Shelf) -> None:
    """Kept at once, sent when asked, and shown in the list."""
    case = entries.report().case
    for name, *more in (
        ("acknowledge",),
        ("reply", "--text", "Where was it?", "--ask", "persons"),
        ("work", "--status", "acting", "--assign", "Ana", "--tag", "night", "--text", "call"),
    ):
        done = answerable.type(name, case, *more, vault="team")
        assert "kept here" in done.output, done.exception
    listed = answerable.type("list", "--status", "acting", "--tag", "night", vault="team").output
    assert "for Ana · #night" in listed
    assert "nothing" in answerable.type("list", "--assigned", "Ben", vault="team").output
    assert len(shelf.sealed) == 1
    sent = answerable.type("work", case, "--no-tag", "night", "--send", vault="team")
    assert sent.output == "sent 4\n"
    assert len(shelf.sealed) == 5
    shown = answerable.type("show", case, vault="team").output
    assert "Asks for: The persons it happened to" in shown
    assert "Note of the office, by Ana" in shown
    whole = answerable.type("custody", case, vault="team").output
    assert "answered" in whole
    assert "noted" in whole


def test_what_may_not_be_written_is_refused(answerable: Terminal) -> None:
    """Each with what to do."""
    case = entries.report().case
    for name, more, said in (
        ("reply", (), "nothing to say"),
        ("reply", ("--text", "x", "--template", "received"), "one way"),
        ("reply", ("--template", "none"), "no such template"),
        ("work", (), "changes nothing"),
        ("work", ("--status", "closed"), "--reason"),
        ("work", ("--assign", "A\nB"), "no single line"),
    ):
        done = answerable.type(name, case, *more, vault="team")
        assert said in str(done.exception), name
    assert "no report of this case" in str(
        answerable.type("acknowledge", "f" * 32, vault="team").exception
    )


def test_wrong_identity_and_no_vault_are_said(terminal: Terminal) -> None:
    """A sentence each, and exit code 1."""
    (terminal.folder / "id.txt").write_text(f"{generate_hybrid().secret_text()}\n")
    assert "does not open this vault" in str(terminal.type("list").exception)
    assert "missing" in str(terminal.type("list", vault="nowhere").exception)


@pytest.mark.slow
def test_desk_fetches_from_a_real_server(tmp_path: Path) -> None:
    """Filed on the public form, fetched, found and read by the commands."""
    with started(folder=tmp_path / "demo") as server:
        witness = Witness(1)
        assert witness.send(server) == 200
        identity = server.identity("investigators")
        (key,) = parse_identities_file(identity.read_text())
        assert isinstance(key, HybridIdentity)
        terminal = Terminal(tmp_path, key)
        told = ("--server", server.origin, "--office", "investigators", "--who", "Ana")
        made = terminal.type("new", *told)
        assert made.exit_code == 0, made.exception
        assert "opened 1, set aside 0" in terminal.type("sync").output
        assert "opened 0, set aside 0" in terminal.type("sync").output
        assert witness.case in terminal.type("search", "account", "number").output
        assert witness.account in terminal.type("show", witness.case).output
        server.stop()
