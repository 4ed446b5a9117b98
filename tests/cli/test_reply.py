"""`intake reply`: sealed to the way back in the report, or refused with the reason."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from intake.cli import intake as command
from intake.cli import letters
from intake.client import Office, Server
from intake.core import wire
from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.crypto import opening
from intake.crypto.derive import authenticate
from intake.crypto.unseal import generate_hybrid
from intake.errors import UnreachableError
from tests.server.conftest import MakeSite, sites  # noqa: F401 - a fixture
from tests.server.test_api import at
from tests.support.conversation import (
    OFFICE,
    Filed,
    alter,
    copy_over,
    drop,
    move,
    put,
    relabel,
    swap,
)
from tests.support.site import ORIGIN, TODAY, Site

CANARY = "canary-of-a-reply"


@dataclass
class Desk:
    """The machine of the offices: their identities in files, their folder of keys."""

    site: Site
    folder: Path
    patch: pytest.MonkeyPatch
    typed: bytes | None = None
    keys: Path = Path()

    def run(self, *arguments: str, office: str = OFFICE) -> Result:
        """Return what a command gave that works with the server."""
        identity = self.folder / f"{office}.txt"
        identity.write_text(self.site.identities[office].secret_text())
        rest = ("--server", ORIGIN, "--office", office, "-i", str(identity))
        keys = ("--keys", str(self.keys))
        return CliRunner().invoke(command, [*arguments, *rest, *keys], input=self.typed)

    def reply(self, case: str, *arguments: str, office: str = OFFICE) -> Result:
        """Answer, which must succeed."""
        done = self.run("reply", case, *arguments, office=office)
        assert done.exit_code == 0, (done.output, done.exception)
        return done

    def refused(self, case: str, *arguments: str, office: str = OFFICE) -> str:
        """Return why an answer was refused."""
        done = self.run("reply", case, *arguments, office=office)
        assert done.exception is not None, done.output
        return str(done.exception)


@pytest.fixture
def desk(sites: MakeSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:  # noqa: F811 - pytest's way
    """Give a site and its offices, whose clock is the site's."""
    monkeypatch.setattr("intake.cli.keys.today", lambda: TODAY)
    monkeypatch.setattr(letters, "_PAUSE_SECONDS", 0.0)
    site = sites()
    monkeypatch.setattr(Server, "at", lambda origin: at(site, origin))
    return Desk(site, tmp_path, monkeypatch, keys=Path(site.services.config.keys))


@pytest.fixture
def filed(desk: Desk) -> Filed:
    """Return a case for an office, one that it reads for, and another."""
    return Filed.at(desk.site, OFFICE, "dhs-crcl", "children")


def letters_of(filed: Filed) -> list[Entry]:
    """Return what the witness opens of her mail."""
    case = filed.site.services.cases.behind(filed.keys.mailbox())
    found = [
        filed.site.services.mail.fetch(filed.keys.mailbox(), one.entry, TODAY) for one in case.mail
    ]
    programme = filed.site.services.programme
    return [opening.open_letter(one, filed.keys, programme) for one in found]


def body(entry: Entry) -> MessageBody:
    """Return what a letter says."""
    assert isinstance(entry.body, MessageBody)
    return entry.body


def test_answer_reaches_the_witness_and_its_office(desk: Desk, filed: Filed) -> None:
    """Bound to what the office had read, dated where it was written, shown as sent."""
    done = desk.reply(filed.case, "--text", "Where were you held?", "--ask", "detained")
    (letter,) = letters_of(filed)
    assert body(letter) == MessageBody(("detained",), "Where were you held?")
    assert letter.seen == (filed.keys.entry("report", OFFICE),)
    assert (letter.office, letter.direction) == (OFFICE, "out")
    assert "Where were you held?" in done.output
    assert "the person's ten words and your office" in done.output
    shown = desk.run("open").output
    assert shown.index("They took the list of names.") < shown.index("Where were you held?")
    assert "Asks for: Someone is held now" in shown or "Asks for: " in shown
    assert "Where were you held?" not in desk.run("open", office="children").output


def test_both_keys_of_the_office_open_its_copy(desk: Desk, filed: Filed) -> None:
    """Its folder's keys of today, and no other header is there."""
    desk.reply(filed.case, "--text", "x")
    name = letters_of(filed)[0].id
    session = at(desk.site).log_in(OFFICE, desk.site.identities[OFFICE])
    header = session.entry(name).header
    assert header.count(b"-> mlkem768x25519") == 2


def test_second_answer_names_the_first_and_a_note_is_seen_by_nobody(
    desk: Desk, filed: Filed
) -> None:
    """What an office notes for itself stands in no list of what a letter follows."""
    desk.reply(filed.case, "--text", "one")
    desk.reply(filed.case, "--note", "--text", "She sounds tired.")
    desk.reply(filed.case, "--text", "two")
    first, second = sorted(letters_of(filed), key=lambda letter: len(letter.seen))
    assert body(second).text == "two"
    assert set(second.seen) == {filed.keys.entry("report", OFFICE), first.id}
    shown = desk.run("open").output
    assert shown.index("one") < shown.index("two")
    assert "She sounds tired." in shown


def test_text_comes_by_pipe_or_from_a_file(desk: Desk, filed: Filed, tmp_path: Path) -> None:
    """A passphrase is never taken from the pipe."""
    desk.typed = "Por la mañana.\n".encode()
    desk.reply(filed.case, "--file", "-")
    (tmp_path / "text").write_text("From a file.")
    desk.reply(filed.case, "--file", str(tmp_path / "text"))
    assert {body(one).text for one in letters_of(filed)} == {"Por la mañana.", "From a file."}


def test_template_is_sent_in_the_language_of_the_person(desk: Desk, filed: Filed) -> None:
    """Hers, and no other office's words."""
    desk.reply(filed.case, "--template", "need-more", "--ask", "persons")
    spanish = Filed.at(desk.site, language="es")
    desk.reply(spanish.case, "--template", "need-more")
    assert body(letters_of(filed)[0]).text.startswith("We have read your report.")
    assert body(letters_of(spanish)[0]).text.startswith("Leímos su reporte.")
    assert "choose one of: received, need-more" in desk.refused(filed.case, "--template", "x")


def test_office_answers_for_one_that_it_reads_for(desk: Desk, filed: Filed) -> None:
    """Under that office's key; for one of another reader it holds no report."""
    desk.reply(filed.case, "--for", "dhs-crcl", "--text", "Your complaint has a number.")
    assert letters_of(filed)[0].office == "dhs-crcl"
    for office in ("children", "dhs-oig", "nobody"):
        said = desk.refused(filed.case, "--for", office, "--text", "x")
        assert f"no report of this case for {office}" in said


def test_what_cannot_be_answered_says_why(desk: Desk, filed: Filed) -> None:
    """And nothing is sent."""
    silent = Filed.at(desk.site, way_back=False)
    assert "wanted no way back" in desk.refused(silent.case, "--text", "x")
    desk.reply(silent.case, "--note", "--text", "an office may always write to itself")
    assert "no such case" in desk.refused(filed.case, "--text", "x", office="detention")
    assert "no such case" in desk.refused("f" * 32, "--text", "x")
    assert "this is no case's id" in desk.refused("../x", "--text", "x")
    assert "nothing to say" in desk.refused(filed.case)
    assert "nothing to say" in desk.refused(filed.case, "--text", "  ")
    assert "one way" in desk.refused(filed.case, "--text", "x", "--template", "received")
    assert "a note asks nobody" in desk.refused(filed.case, "--note", "--ask", "persons")
    assert "check the path" in desk.refused(filed.case, "--file", str(desk.folder / "gone"))
    desk.typed = b"\xff\xfe"
    assert "save it as UTF-8" in desk.refused(filed.case, "--file", "-")
    desk.typed = b"x" * 70_000
    assert "send it in parts" in desk.refused(filed.case, "--file", "-")
    assert letters_of(filed) == []


def test_words_that_somebody_else_has_are_not_answered(desk: Desk, filed: Filed) -> None:
    """The notice is checked: another cannot silence an office by it."""
    put(filed, notice(filed, "exposed", key=b"x" * 32))
    desk.reply(filed.case, "--text", "x")
    put(filed, notice(filed, "exposed", 1))
    assert "somebody else has the words" in desk.refused(filed.case, "--text", "x")


def test_two_reports_of_one_case_are_not_answered(desk: Desk, filed: Filed) -> None:
    """Anybody can seal a second one, with a way back to himself."""
    put(filed, second_report(filed, generate_hybrid().recipient().raw))
    assert "two reports claim this case" in desk.refused(filed.case, "--text", "x")


@pytest.mark.parametrize("reply_to", [b"x", b"\0" * 1216, b"x" * 1217])
def test_damaged_way_back_is_named(desk: Desk, reply_to: bytes) -> None:
    """A report that no browser of ours wrote."""
    filed = Filed.at(desk.site)
    put(filed, second_report(filed, reply_to))
    drop(filed, filed.keys.entry("report", OFFICE))
    assert "way back in this report is damaged" in desk.refused(filed.case, "--text", "x")


def test_keys_come_from_the_offices_own_folder(desk: Desk, filed: Filed) -> None:
    """A key of which the office has no identity is not written to."""
    other = desk.folder / "others"
    other.mkdir()
    name = f"{OFFICE}.txt"
    text = (Path(desk.site.services.config.keys) / "children.txt").read_text()
    (other / name).write_text(text)
    desk.keys = other
    said = desk.refused(filed.case, "--text", "x")
    assert "none of your identities is a key of your office" in said
    desk.keys = desk.folder / "none"
    assert "is no file, name the folder with --keys" in desk.refused(filed.case, "--text", "x")


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_lost_answer_is_sent_again_and_kept_once(desk: Desk, filed: Filed, lost: int) -> None:
    """Where none comes, it says that it may have arrived."""
    write, left = Office.write, [UnreachableError("no answer")] * lost

    def lossy(self: Office, sent: wire.Reply) -> None:
        write(self, sent)
        if left:
            raise left.pop()

    desk.patch.setattr(Office, "write", lossy)
    done = desk.run("reply", filed.case, "--text", "x")
    if lost == len((1, 2, 3)):
        assert "it may have arrived" in str(done.exception)
    else:
        assert done.exit_code == 0
    assert len(letters_of(filed)) == 1


def test_no_word_of_an_answer_is_kept(desk: Desk, filed: Filed) -> None:
    """Neither in the store nor beside the command."""
    desk.typed = CANARY.encode()
    desk.reply(filed.case, "--file", "-")
    desk.reply(filed.case, "--note", "--file", "-")
    for path in desk.folder.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def test_new_cases_are_acknowledged_once(desk: Desk, filed: Filed) -> None:
    """By however many investigators, in each person's language; not twice, nor where answered."""
    spanish, answered = Filed.at(desk.site, language="es"), Filed.at(desk.site)
    silent = Filed.at(desk.site, way_back=False)
    desk.reply(answered.case, "--text", "Answered by hand.")
    done = desk.run("open", "--acknowledge")
    assert done.exit_code == 0, done.output
    assert done.output.count("acknowledged, the person was told") == 2
    again = desk.run("open", "--acknowledge")
    assert "acknowledged" not in again.output
    assert body(letters_of(filed)[0]).text.startswith("We have your report")
    assert body(letters_of(spanish)[0]).text.startswith("Ya tenemos su reporte")
    assert [body(one).text for one in letters_of(answered)] == ["Answered by hand."]
    assert len(letters_of(filed)) == 1
    assert silent.case not in done.output.split("case ")[-1]


def test_second_investigator_finds_a_case_acknowledged(desk: Desk, filed: Filed) -> None:
    """Both opened it before either answered."""
    first: list[wire.Reply] = []

    def slow(_: object, sent: wire.Reply) -> None:
        if not first:
            first.append(sent)
            assert desk.run("open", "--acknowledge").exit_code == 0
        session = at(desk.site).log_in(OFFICE, desk.site.identities[OFFICE])
        session.server.call("POST", "/entries", wire.encode(sent), session.token)

    desk.patch.setattr(Office, "write", slow)
    done = desk.run("open", "--acknowledge")
    assert (done.exit_code, "acknowledged already" in done.output) == (0, True), done.output
    assert len(letters_of(filed)) == 1


def test_one_case_that_cannot_be_acknowledged_blocks_no_other(desk: Desk, filed: Filed) -> None:
    """It is named, and the exit code says that something was wrong."""
    other = Filed.at(desk.site)
    put(other, second_report(other, b""))
    done = desk.run("open", "--acknowledge")
    assert done.exit_code == 1
    assert f"case {other.case}: two reports claim this case" in done.output
    assert len(letters_of(filed)) == 1


def test_acknowledging_needs_a_server_and_its_template(desk: Desk, filed: Filed) -> None:
    """Before anything is opened."""
    one = CliRunner().invoke(command, ["open", "-i", "x", "--acknowledge", "x.age"])
    assert "only what a server holds" in str(one.exception)
    programme = desk.folder / "p.toml"
    text = desk.site.services.programme_text.replace('id = "received"', 'id = "other"')
    programme.write_text(text)
    two = desk.run("open", "--acknowledge", "--programme", str(programme))
    assert "no such template" in str(two.exception)
    assert filed.site.services.cases.unread()


# What a hostile server or a second office does, and how an office sees it.


def test_entry_that_is_left_out_is_missed_by_what_follows(desk: Desk, filed: Filed) -> None:
    """Not the newest: nobody has named it yet."""
    for text in ("one", "two", "three"):
        desk.reply(filed.case, "--text", text)
    order = sorted(letters_of(filed), key=lambda letter: len(letter.seen))
    drop(filed, order[1].id)
    shown = desk.run("open")
    assert shown.exit_code == 0
    assert "One entry before this one came not" in shown.output
    assert [text in shown.output for text in ("one", "two", "three")] == [True, False, True]
    told = [json.loads(line) for line in desk.run("open", "--json").output.splitlines()]
    assert [one["missing"] for one in told if one["missing"]] == [[order[1].id]]
    drop(filed, order[2].id)
    assert "came not" not in desk.run("open").output


@pytest.mark.parametrize(
    ("play", "said"),
    [
        (swap, "differ from outside"),
        (copy_over, "differ from outside"),
        (relabel, "differ from outside"),
        (move, "differ from outside"),
        (alter, "altered"),
    ],
)
def test_entry_that_a_server_changes_is_set_aside(
    desk: Desk, filed: Filed, play: Callable[[Filed, str, str], None], said: str
) -> None:
    """Swapped, replayed, relabelled, moved, altered: in one line, and the others are shown."""
    for text in ("first answer", "second answer", "third answer"):
        desk.reply(filed.case, "--text", text)
    one, two, _ = sorted(letters_of(filed), key=lambda letter: len(letter.seen))
    play(filed, one.id, two.id)
    shown = desk.run("open")
    assert shown.exit_code == 1
    lines = [line for line in shown.output.splitlines() if line.startswith("intake: entry")]
    assert any(said in line for line in lines), shown.output
    assert "third answer" in shown.output
    assert "They took the list of names." in shown.output


def test_file_given_twice_is_shown_once(desk: Desk, filed: Filed) -> None:
    """One entry under two names is a replay, and said."""
    desk.reply(filed.case, "--text", "an answer")
    kept = desk.folder / "kept"
    desk.run("open", "--keep", str(kept))
    files = sorted(kept.iterdir())
    again = desk.folder / "again.age"
    again.write_bytes(next(p for p in files if ".reply." in p.name).read_bytes())
    names = [str(path) for path in (*files, again)]
    shown = CliRunner().invoke(command, ["open", "-i", str(desk.folder / f"{OFFICE}.txt"), *names])
    assert shown.exit_code == 1
    assert "came more than once, shown once" in shown.output
    assert shown.output.count("an answer") == 1


def test_message_in_her_name_is_set_aside(desk: Desk, filed: Filed) -> None:
    """Whoever has the office's public key can seal; nobody else has her key."""
    put(filed, notice(filed, "withdrawal", key=b"x" * 32))
    shown = desk.run("open")
    assert shown.exit_code == 1
    assert "was not written by who it says" in shown.output
    assert "took this report back" not in shown.output


def notice(filed: Filed, group: str, number: int = 0, key: bytes = b"") -> Entry:
    """Return a notice of the witness to the first office, or of whoever has another key."""
    text = AdditionBody({}, "", (), group, "", "en", (), (), unscripted=False, version="1")
    name = f"{number:031x}f"
    written = filed.reply(1, kind="message", direction="in", body=text, id=name)
    return authenticate(written, key or filed.keys.message_key(OFFICE))


def second_report(filed: Filed, reply_to: bytes) -> Entry:
    """Return a report to the first office that claims the case."""
    text = ReportBody({}, "", "", (), "en", "ab" * 32, reply_to, unscripted=False, version="1")
    return filed.reply(1, kind="report", direction="in", body=text, id="e" * 32, seen=())
