"""Hostile files and records: each is shown harmlessly, refused by name, or only saved.

None blocks the next. What a browser makes of their pages is seen in `tests/browser`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from intake.core.evidence import Evidence
from intake.core.plain import printable
from intake.core.reading import read
from intake.desk import pixels, showing
from intake.desk.showing import View, Way
from intake.errors import PictureError
from intake.vault import lists
from intake.vault.evidence import Held
from tests.desk.hostile import Hostile, Record, every, records
from tests.support.desk import NOW, Desk
from tests.support.files import Evident, naming, sealed

FILES = every()
RECORDS = records()
AT_ONCE = 20


@dataclass(frozen=True, repr=False)
class Outcome:
    """What became of a file."""

    held: Held
    view: View
    shown: str
    text: str


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    """Put all files into one vault, as twenty to a report; fetch each and show it."""
    evident = Evident(Desk(tmp_path_factory.mktemp("hostile") / "vault"))
    made = {one.label: sealed(one.data, one.name, one.type, one.label) for one in FILES}
    for start in range(0, len(FILES), AT_ONCE):
        entry = naming(*(made[one.label][0] for one in FILES[start : start + AT_ONCE]),
                       of=str(start))  # fmt: skip
        evident.desk.put(entry)
    for told, data in made.values():
        evident.stock.files[told.id] = data
    result = evident.desk.sync()
    assert result.aside == 0
    names = {told.id: label for label, (told, _) in made.items()}
    found: dict[str, Outcome] = {}
    for start in range(0, len(FILES), AT_ONCE):
        for named in evident.files.of_case(naming(of=str(start)).case):
            held = evident.files.fetch(evident.office, named)
            content = evident.files.open(named)
            found[names[named.told.id]] = _outcome(named.told, held, content.piece(0, 1 << 26))
    yield found
    evident.desk.vault.lock()


def _outcome(told: Evidence, held: Held, data: bytes) -> Outcome:
    view = showing.view(told, held.type)
    shown, text = view.way.value, ""
    if view.way is Way.PIXELS:
        try:
            assert pixels.redraw(data, held.type).startswith(b"\x89PNG")
        except PictureError:
            shown = "refused"
    if view.way is Way.TEXT:
        text = showing.text(data[: showing.TEXT], is_cut=len(data) > showing.TEXT)
    return Outcome(held, view, shown, text)


def test_there_are_enough_of_them() -> None:
    """At least sixty, each under a name of its own; of files alone, too."""
    labels = [*(one.label for one in FILES), *(one.label for one in RECORDS)]
    assert len(set(labels)) == len(labels)
    assert len(FILES) >= 60
    assert len(RECORDS) >= 30


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.label)
def test_hostile_file_is_shown_harmlessly(file: Hostile, outcomes: dict[str, Outcome]) -> None:
    """By what it is; a lie is told; what is refused says why; what is saved has its warning."""
    found = outcomes[file.label]
    assert (found.held.state, found.held.reason) == ("whole", "")
    assert found.held.type == file.true
    assert found.shown == file.shown
    assert bool(found.view.lie) is file.lies
    assert bool(found.view.warning) is (file.shown == "download")
    assert len(found.text) <= showing.TEXT * 10
    assert showing.visible(found.text) == found.text


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Sync all records, and a good one after them."""
    desk = Desk(tmp_path_factory.mktemp("records") / "vault")
    for one in RECORDS:
        desk.put(one.entry)
    desk.sync()
    yield desk
    desk.vault.lock()


@pytest.mark.parametrize("record", RECORDS, ids=lambda one: one.label)
def test_hostile_record_is_text_or_set_aside(record: Record, synced: Desk) -> None:
    """With its reason; what is opened can be listed, read and found."""
    with synced.vault.use() as opened:
        (row,) = lists.rows(opened.database, record.entry.case)
        assert row.state == ("aside" if record.reason else "opened")
        assert record.reason in row.reason
        if record.reason:
            return
        ((_, entry),) = lists.opened(opened.database, record.entry.case)
        assert entry == record.entry
        reading = read(entry, synced.programme)
        for part in reading.parts:
            for line in part.lines:
                for text in line.texts:
                    printable(text).encode()
        assert lists.find(opened.database, record.entry.case) is not None


def test_good_record_after_the_hostile_is_opened_and_found(synced: Desk) -> None:
    """They block neither a list nor a search."""
    good = naming(of="good")
    synced.put(good)
    assert synced.sync().opened == 1
    with synced.vault.use() as opened:
        assert lists.page(opened.database, NOW.date())
        assert [hit.case for hit in lists.search(opened.database, "took her")] == [good.case]
