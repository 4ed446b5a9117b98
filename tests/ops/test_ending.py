"""How things end: by age, on hold, with the programme; and what is left of them."""

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.cli.keys import add
from intake.core import programme as programmes
from intake.core.entry import encode
from intake.crypto import keyring
from intake.crypto.seal import Plaintext, seal
from intake.crypto.unseal import generate_hybrid
from intake.errors import ClosingError, NotFoundError
from intake.ops import closing as endings
from intake.paths import shipped
from intake.server.services import utc_today
from intake.store import migrate
from intake.store.cases import Addition
from intake.store.database import FILE, Database
from intake.store.graves import Tombstone
from intake.store.records import Records
from intake.store.state import Name, State
from tests.crypto import entries
from tests.ops.conftest import Store, sealed_file
from tests.store.samples import DAY, entry, filing, kept, rows

YEAR = timedelta(days=365)
A = "aa" * 16


def fetch(store: Store, reader: str, name: str, day: date = DAY) -> None:
    """Let an office fetch an entry on a day."""
    Records(store.database).fetch(reader, name, day)


def expire(store: Store, reader: str = "inv", today: date = DAY + YEAR) -> int:
    """Delete what an office has had for thirty days."""
    return store.cases.expire(reader, today - timedelta(days=30), today)


def test_what_was_read_and_is_old_goes(store: Store) -> None:
    """Office by office; the last one's end is the case's."""
    made = store.file(1, "inv", "det")
    for reader, name in (("inv", entry(1)), ("det", entry(1, 1))):
        fetch(store, reader, name)
    assert expire(store) == 1
    case = store.cases.behind(made.mailbox_hash)
    # It was not taken back, and the page does not say so.
    assert (set(case.held), set(case.withdrawn)) == ({entry(1, 1)}, set())
    assert expire(store, "det") == 1
    assert kept(store.database) == (0, 0, 0)
    with pytest.raises(NotFoundError):
        store.cases.behind(made.mailbox_hash)


def test_what_two_offices_hold_goes_for_one(store: Store) -> None:
    """A referred office keeps the entry; a restored copy does not give it back to the first."""
    made = store.file(1, "inv")
    with store.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO grants (entry, reader, header, header_digest, day)"
            " SELECT entry, 'det', header, header_digest, day FROM grants"
        )
    fetch(store, "inv", entry(1))
    assert expire(store) == 1
    assert store.cases.tombstones() == (Tombstone(entry(1), "inv", DAY + YEAR),)
    assert Records(store.database).fetch("det", entry(1), DAY)
    with pytest.raises(NotFoundError):
        fetch(store, "inv", entry(1))
    assert store.cases.behind(made.mailbox_hash).withdrawn == frozenset()


def test_what_nobody_has_read_stays(store: Store) -> None:
    """Though all else of the case was read, and however old it is."""
    made = store.file(1, "inv")
    fetch(store, "inv", entry(1))
    items = filing(9, "inv").items
    later = Addition("d" * 32, made.mailbox_hash, b"d" * 32, DAY, items)
    store.cases.add(later)
    assert expire(store, today=DAY + 90 * YEAR) == 0
    fetch(store, "inv", entry(9))
    assert expire(store) == 1


@pytest.mark.parametrize(("filed", "read"), [(0, 340), (340, 340)])
def test_what_is_not_old_yet_stays(store: Store, filed: int, read: int) -> None:
    """It counts from the last thing that came, or was fetched."""
    made = replace(filing(1, "inv"), day=DAY + timedelta(days=filed))
    Records(store.database).file(made)
    fetch(store, "inv", entry(1), DAY + timedelta(days=read))
    assert expire(store) == 0
    assert expire(store, today=DAY + timedelta(days=370)) == 0
    assert expire(store, today=DAY + timedelta(days=371)) == 1


def test_hold_keeps_it_until_it_is_released(store: Store) -> None:
    """One office's hold does not bind another."""
    made = store.file(1, "inv", "det")
    for reader, name in (("inv", entry(1)), ("det", entry(1, 1))):
        fetch(store, reader, name)
    store.cases.hold("inv", made.case, DAY)
    store.cases.hold("inv", made.case, DAY)
    assert (expire(store), expire(store, "det")) == (0, 1)
    store.cases.hold("inv", made.case, None)
    assert expire(store) == 1
    with pytest.raises(NotFoundError):
        store.cases.hold("inv", made.case, DAY)


def test_office_holds_only_what_it_may_fetch(store: Store) -> None:
    """Another's case is none, as is one that is not there."""
    made = store.file(1, "inv")
    for reader, case in (("det", made.case), ("inv", "f" * 32)):
        with pytest.raises(NotFoundError):
            store.cases.hold(reader, case, DAY)


def test_witness_takes_back_what_is_on_hold(store: Store) -> None:
    """What is hers stays hers."""
    made = store.file(1, "inv")
    store.cases.hold("inv", made.case, DAY)
    ask = Addition("d" * 32, made.mailbox_hash, b"d" * 32, DAY, ())
    store.cases.ask_deletion(ask, DAY)
    assert store.cases.purge(DAY) == 1
    assert rows(store.database, "holds") == 0


def test_what_went_by_age_is_in_no_raw_file(store: Store, tmp_path: Path) -> None:
    """Neither database, log nor file; and no backup that is older than the days brings it back."""
    sealed = seal(Plaintext(encode(entries.report())), [generate_hybrid().recipient()])
    data = sealed_file(300_000)
    store.send(A, data)
    made = filing(1, "inv")
    item = replace(made.items[0], sealed=sealed, evidence=(A,))
    Records(store.database).file(replace(made, items=(item,)))
    store.file(2, "inv")
    marks = (sealed.payload[:48], sealed.header.value[-48:], data[-48:], data[3000:3048])

    def found() -> set[bytes]:
        paths = [path for path in store.folder.rglob("*") if path.is_file()]
        return {mark for path in paths for mark in marks if mark in path.read_bytes()}

    fetch(store, "inv", entry(1))
    store.back_up()
    assert found() == set(marks)
    assert expire(store) == 1
    store.uploads.sweep(DAY + YEAR)
    store.database.tidy()
    assert found() == set()
    store.restore(tmp_path / "soon")
    for day in range(4):
        store.back_up(365 + day)
    copies = [path.name for path in store.target.folder.rglob("*.age")]
    assert not [name for name in copies if name.startswith((str(DAY), A))]
    with closing(Database(tmp_path / "soon")) as database:
        assert kept(database) == (2, 2, 2)


HOLDERS = "# Ana, notary in Reynosa\n{}\n# Luis, university archive\n{}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}\n{}\n", "write each one's name"),
        ("# Ana\n{}\n", "name at least two"),
        ("# Ana\n{}\n{}\n", "write each one's name"),
        ("", "name at least two"),
        ("#\n{}\n", "write each one's name"),
    ],
)
def test_keyholders_have_names_and_are_two(text: str, said: str) -> None:
    """An archive that one person can lose is none."""
    keys = (generate_hybrid().recipient() for _ in range(2))
    with pytest.raises(ClosingError, match=said):
        endings.keyholders(text.format(*keys))


def run(folder: Path, *words: str) -> tuple[int, str]:
    """Return exit code and output of a command on the site in a folder."""
    env = {"INTAKE_DATA": str(folder / "data"), "INTAKE_KEYS": str(folder / "keys")}
    found = CliRunner().invoke(command, words, env=env)
    return found.exit_code, found.output + str(found.exception or "")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Make a folder with keys of every office and a case that nobody has fetched."""
    today = utc_today()
    text = shipped("programmes/default.toml").read_text("utf-8")
    for office in programmes.parse(text).keyed:
        for role in ("working", "recovery"):
            note = keyring.note(role, today, today + YEAR)
            add(tmp_path / "keys", office.id, generate_hybrid(), note)
    with closing(Database(tmp_path / "data")) as database:
        migrate.migrate(database)
        Records(database).file(filing(1, "investigators"))
    holders = [generate_hybrid() for _ in range(2)]
    lines = HOLDERS.format(*(one.recipient() for one in holders))
    (tmp_path / "holders.txt").write_text(lines)
    (tmp_path / "ana.identity").write_text(f"{holders[0].secret_text()}\n")
    return tmp_path


def test_programme_is_closed_by_its_commands(site: Path) -> None:
    """Announced, archived, ended: each in its turn, and with what it must show."""
    today = utc_today()
    archive = (
        *("programme", "archive", "--to", str(site / "archive")),
        *("--keyholders", str(site / "holders.txt"), "--opens", "2077-01-01"),
    )
    end = ("programme", "end", "--record", str(site / "keys-record.txt"))
    assert "first: intake programme close" in run(site, *archive)[1]
    assert "first: intake programme close" in run(site, *end)[1]
    soon = str(today + timedelta(days=89))
    assert "people need 90 days" in run(site, "programme", "close", "--on", soon)[1]
    later = str(today + timedelta(days=90))
    assert run(site, "programme", "close", "--on", later, "--dry-run")[0] == 0
    assert "first: intake programme close" in run(site, *end)[1]
    assert run(site, "programme", "close", "--on", later)[0] == 0
    assert "wait for that day" in run(site, *end)[1]
    with closing(Database(site / "data")) as database:
        State(database).keep(Name.CLOSING, today)
    assert "no archive was made" in run(site, *end)[1]
    assert run(site, *archive, "--dry-run")[0] == 0
    assert not (site / "archive").exists()
    code, said = run(site, *archive)
    assert (code, "1 cases, read back" in said) == (0, True)
    record = (site / "archive" / endings.RECORD).read_text()
    for told in ("Ana, notary in Reynosa", "Luis, university", "before 2077-01-01", "Signed"):
        assert told in record
    assert "not fetched yet: investigators: 1" in run(site, *end)[1]
    nowhere = str(site / "nowhere" / "keys-record.txt")
    assert run(site, "programme", "end", "--unread-too", "--record", nowhere)[0] != 0
    assert (site / "data" / FILE).exists()  # the sheet first
    assert run(site, *end, "--unread-too", "--dry-run")[0] == 0
    assert (site / "data" / FILE).exists()
    assert run(site, *end, "--unread-too")[0] == 0
    assert not (site / "data").exists()
    sheet = (site / "keys-record.txt").read_text()
    assert sheet.count("destroyed on") == 8
    assert "exists and is not overwritten" in run(site, *end)[1]


def test_folder_whose_parent_is_roots_is_emptied(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a server, where only root removes a folder from /var/lib."""
    (site / "data" / "evidence" / "ab").mkdir(parents=True, exist_ok=True)
    (site / "data" / "evidence" / "ab" / "file").touch()
    with closing(Database(site / "data")) as database:
        for name in (Name.CLOSING, Name.ARCHIVED):
            State(database).keep(name, utc_today())

    def refuse(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rmdir", refuse)
    end = ("programme", "end", "--record", str(site / "record.txt"), "--unread-too")
    assert run(site, *end)[0] == 0
    assert list((site / "data").iterdir()) == []


def test_keyholder_opens_the_archive(site: Path) -> None:
    """Alone, on another machine."""
    run(site, "programme", "close", "--on", str(utc_today() + timedelta(days=90)))
    run(
        site,
        *("programme", "archive", "--to", str(site / "archive")),
        *("--keyholders", str(site / "holders.txt"), "--opens", "2077-01-01"),
    )
    env = {"INTAKE_DATA": str(site / "elsewhere")}
    words = ["restore", str(site / "archive"), "--identity", str(site / "ana.identity")]
    found = CliRunner().invoke(command, words, env=env)
    assert (found.exit_code, "1 cases, 1 entries" in found.output) == (0, True), found.output


def test_stop_and_resume_are_commands(site: Path) -> None:
    """A dry run changes nothing."""
    with closing(Database(site / "data")) as database:
        state = State(database)
        run(site, "programme", "stop", "--dry-run")
        assert state.all() == {}
        assert run(site, "programme", "stop")[0] == 0
        assert state.all() == {Name.STOPPED: utc_today()}
        state.keep(Name.CLOSING, utc_today())
        state.keep(Name.ARCHIVED, utc_today())
        run(site, "programme", "resume", "--dry-run")
        assert len(state.all()) == 3
        run(site, "programme", "resume")
        assert state.all() == {}


@pytest.mark.parametrize("days", [-9, 1], ids=["forwards", "backwards"])
def test_clock_that_jumped_deletes_nothing(site: Path, days: int) -> None:
    """It is refused, and done where the operator says that the clock is right."""
    with closing(Database(site / "data")) as database:
        State(database).keep(Name.PURGED, utc_today() + timedelta(days=days))
        ask = Addition("d" * 32, (1).to_bytes(32, "big"), b"d" * 32, DAY, ())
        store = Store(site / "data", database, None, None)  # type: ignore[arg-type] # no backups
        store.cases.ask_deletion(ask, utc_today())
        code, said = run(site, "purge")
        assert (code, "--clock-is-right" in said, kept(database)[0]) == (1, True, 1)
        assert run(site, "purge", "--clock-is-right")[0] == 0
        assert kept(database)[0] == 0
        assert run(site, "purge")[0] == 0


def test_purge_keeps_by_the_programme(site: Path, tmp_path: Path) -> None:
    """For as many days as it says, office by office."""
    text = shipped("programmes/default.toml").read_text("utf-8")
    path = tmp_path / "programme.toml"
    env = {"INTAKE_DATA": str(site / "data"), "INTAKE_PROGRAMME": str(path)}
    long_ago = utc_today() - timedelta(days=100)
    with closing(Database(site / "data")) as database:
        Records(database).file(replace(filing(2, "children"), day=long_ago))
        Records(database).fetch("children", entry(2), long_ago)
    for days, gone in ((0, 0), (101, 0), (99, 1)):
        path.write_text(text.replace("asked_from_age", f"keep_days = {days}\nasked_from_age"))
        found = CliRunner().invoke(command, ["purge"], env=env)
        assert f"cases too old: {gone}\n" in found.output, found.output
