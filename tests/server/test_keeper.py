"""Lost words: the office that she chose gives new ones, and the old ones open nothing."""

import os
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace as replace_entry

from intake.cli import reissue as command
from intake.cli.reissue import reissue
from intake.core import wire
from intake.core.entry import AdditionBody, Entry
from intake.core.receipt import Receipt
from intake.crypto import answering, keeper
from intake.crypto.answering import Side
from intake.crypto.derive import WitnessKeys
from intake.crypto.keeper import Trust
from intake.errors import ConflictError, EntryError, ServerError
from intake.store.database import Database
from intake.store.graves import Tombstone
from intake.store.tables import WORDS
from tests.server.test_api import at
from tests.server.test_case import Witness, come, read
from tests.support.site import TODAY, Page, Site

READERS = ("investigators", "children")
KNOWN_BY = "Ask me the name of my first teacher."


def choose(witness: Witness, office: str = "investigators") -> Page:
    """Choose a keeper."""
    return witness.add("keeper", [("known-by", KNOWN_BY)], (office,))


@dataclass(frozen=True)
class Kept:
    """What an office holds as a keeper."""

    side: Side
    addition: Entry

    @property
    def case(self) -> str:
        """The id of the case."""
        return self.side.report.case

    @property
    def trust(self) -> Trust:
        """The office's half."""
        assert isinstance(self.addition.body, AdditionBody)
        return Trust.parse(self.addition.body.keeper)


def kept(site: Site, reader: str = "investigators") -> Kept:
    """Return what an office holds of the case that made it the keeper."""
    entries = read(site, reader)
    addition = command.trusting(entries)
    return Kept(answering.begin(entries, addition.case, reader), addition)


def give(site: Site, held: Kept) -> Receipt:
    """Give new words as the command does."""
    reader = held.side.report.office
    office = at(site).log_in(reader, site.identities[reader])
    return command.give(office, held.side, held.addition, site.services.programme)


def renew(site: Site, reader: str = "investigators") -> Witness:
    """Return the witness who has new words."""
    return Witness(site, " ".join(give(site, kept(site, reader)).numbers()))


def nothing(witness: Witness) -> bool:
    """Return whether the words open nothing."""
    answer = witness.site.post("/en/return", [("words", witness.words)])
    return answer.status_code == 404


def bodies(entries: list[Entry]) -> list[AdditionBody]:
    """Return what was added."""
    return [entry.body for entry in entries if isinstance(entry.body, AdditionBody)]


def test_new_words_open_the_same_case_and_the_old_ones_nothing(site: Site) -> None:
    """She goes on where she was: her offices, her additions, and the offices still believe her."""
    witness = come(site)
    witness.add("harm", [("care", "A nurse.")])
    choose(witness)
    renewed = renew(site)
    assert nothing(witness)
    page = renewed.post("return", [])
    assert "These words are new" in page.text
    assert "What it did to you or them" in page.text
    renewed.add("harm", [("care", "A second nurse.")])
    found = [body.answers.get("care") for body in bodies(read(site, "investigators"))]
    assert [care for care in found if care] == ["A nurse.", "A second nurse."]
    renewed.end("withdraw", "children")
    renewed.end("exposed")
    assert nothing(renewed)


def test_words_can_be_renewed_again(site: Site) -> None:
    """Whoever loses words may lose them twice."""
    witness = come(site)
    choose(witness)
    first = renew(site)
    second = renew(site)
    assert nothing(witness)
    assert nothing(first)
    assert "These words are new" in second.post("return", []).text


def test_only_one_office_that_reads_itself_is_chosen_and_told(site: Site) -> None:
    """The others learn neither of it nor how she could be known."""
    witness = come(site)
    asked = witness.post("ask", [("group", "keeper")])
    radios = [a for t, a in asked.tags if t == "input" and a.get("name") == "office"]
    assert [(one["type"], one["value"], "checked" in one) for one in radios] == [
        ("radio", "investigators", False),
        ("radio", "children", False),
    ]
    head = [("words", witness.words), ("group", "keeper"), ("number", "0"), ("do", "send")]
    head.append(("token", asked.value("token")))
    for wrong in ((), ("investigators", "children"), ("dhs-oig",)):
        offices = [("office", office) for office in wrong]
        answer = site.post("/en/add", [*head, ("known-by", KNOWN_BY), *offices])
        assert answer.status_code == 422
        assert KNOWN_BY in answer.text
    choose(witness, "children")
    assert [body.group for body in bodies(read(site, "children"))] == ["keeper"]
    assert bodies(read(site, "investigators")) == []


def test_nobody_but_the_keeper_releases_anything(site: Site) -> None:
    """Not an office of the same case with its own token, nor a keeper of another case."""
    witness, other = come(site), come(site)
    choose(witness)
    choose(other)
    entries = read(site, "investigators")
    by_case = {
        entry.case: Trust.parse(entry.body.keeper)
        for entry in entries
        if isinstance(entry.body, AdditionBody)
    }
    (one, mine), (_, theirs) = by_case.items()
    office = at(site).log_in("investigators", site.identities["investigators"])
    second = at(site).log_in("children", site.identities["children"])
    stranger = at(site).log_in("legal-aid", site.identities["legal-aid"])
    tries = [(office, one, theirs.token), (office, one, b""), (office, "0" * 32, mine.token)]
    tries += [(stranger, one, mine.token), (second, one, os.urandom(32)), (office, "' --", b"")]
    for asking, case, token in tries:
        with pytest.raises(ServerError):
            asking.reissue(wire.Words(case, bytes(32), token, wrapped()))
        with pytest.raises(ServerError):
            asking.release(case, token)
    assert not nothing(witness)
    assert not nothing(other)


def any_keys() -> WitnessKeys:
    """Return what some words give."""
    return WitnessKeys(os.urandom(32))


def wrapped() -> bytes:
    """Return what some new words open."""
    return keeper.wrap(any_keys(), any_keys().recipient(), os.urandom)


def database_of(site: Site) -> Database:
    """Return the site's database, opened anew."""
    return Database(Path(site.services.config.data))


def test_keeper_chosen_later_takes_the_place_of_the_first(site: Site) -> None:
    """And a keeper from whom the case was taken back gives no words."""
    witness = come(site)
    choose(witness)
    choose(witness, "children")
    with pytest.raises(ServerError, match="not the keeper"):
        renew(site, "investigators")
    assert not nothing(witness)
    held = kept(site, "children")
    witness.end("withdraw", "children")
    with pytest.raises(ServerError, match="not the keeper"):
        give(site, held)


def test_wrapping_that_is_none_is_refused(site: Site) -> None:
    """Nothing but a file sealed for later is kept."""
    witness = come(site)
    choose(witness)
    held = kept(site)
    office = at(site).log_in("investigators", site.identities["investigators"])
    good = wrapped()
    header = good[: good.index(b"\n--- ") + 48]
    for hostile in (b"", b"her words", header, good * 5):
        with pytest.raises(ServerError):
            office.reissue(wire.Words(held.case, bytes(32), held.trust.token, hostile))
    for mailbox in (b"", bytes(31)):
        with pytest.raises(ServerError):
            office.reissue(wire.Words(held.case, mailbox, held.trust.token, good))


def test_new_words_are_never_those_of_another_case(site: Site) -> None:
    """A keeper's program that goes wrong takes nobody else's case."""
    witness, other = come(site), come(site)
    choose(witness)
    held = kept(site)
    office = at(site).log_in("investigators", site.identities["investigators"])
    good = wrapped()
    with closing(database_of(site)) as database, database.read() as connection:
        query = f"SELECT mailbox_hash FROM cases WHERE id != '{held.case}'"  # noqa: S608 - an id
        taken = bytes(connection.exec_driver_sql(query).scalar_one())
    with pytest.raises(ConflictError, match="another case"):
        office.reissue(wire.Words(held.case, taken, held.trust.token, good))
    assert not nothing(other)


def test_half_of_the_server_alone_is_noise(site: Site) -> None:
    """What a stolen disk holds does not give the words' secret without the keeper's entry."""
    witness = come(site)
    choose(witness)
    with closing(database_of(site)) as database, database.read() as connection:
        row = connection.exec_driver_sql("SELECT token_hash, half FROM keepers").one()
    trust = kept(site).trust
    assert bytes(row.token_hash) == keeper.token_hash(trust.token)
    secret = bytes(a ^ b for a, b in zip(bytes(row.half), trust.half, strict=True))
    assert secret not in (bytes(row.half), trust.half)


def test_server_that_gives_another_half_gets_no_new_words(site: Site) -> None:
    """The keeper sees it before anything is made of it."""
    other = come(site)
    # The team also reads for another office: only its own report is told apart by the half alone.
    (report,) = (one for one in read(site, "investigators") if one.office == "investigators")
    choose(come(site))
    held = kept(site)
    wrong = replace(held.side, report=replace_entry(report, case=held.case))
    assert not nothing(other)
    with pytest.raises(EntryError, match="not that of this case"):
        give(site, Kept(wrong, held.addition))


def test_restored_copy_does_not_open_with_the_lost_words(site: Site) -> None:
    """A backup of before knows the old words; one of after keeps the new ones."""
    witness = come(site)
    choose(witness)
    renewed = renew(site)
    stones = site.services.cases.tombstones()
    assert [stone.reader for stone in stones] == [WORDS]
    site.services.cases.bury(stones, os.urandom)
    assert "These words are new" in renewed.post("return", []).text
    with closing(database_of(site)) as database, database.write() as connection:
        old = "UPDATE cases SET mailbox_hash = zeroblob(32)"
        connection.exec_driver_sql(old)
    site.services.cases.bury([Tombstone("0" * 32, WORDS, TODAY)], os.urandom)
    with closing(database_of(site)) as database, database.read() as connection:
        query = "SELECT mailbox_hash FROM cases"
        assert bytes(connection.exec_driver_sql(query).scalar_one()) != bytes(32)


def test_who_was_not_chosen_is_told_so(site: Site) -> None:
    """Before anything is asked of the server."""
    come(site)
    with pytest.raises(EntryError, match="did not choose this office"):
        kept(site)


def test_command_refuses_what_is_no_case() -> None:
    """In one sentence."""
    asked = ["nonsense", "-i", "none", "--server", "http://127.0.0.1:1", "--office", "inv"]
    answer = CliRunner().invoke(reissue, asked)
    assert "no case's id" in str(answer.exception)
