"""Stopped in an emergency, or closing: nothing new is taken, nothing typed is lost."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from intake.errors import StoreError
from intake.server.door import ClosedError, Door
from intake.store.state import Name, State
from tests.server.conftest import MakeSite
from tests.server.test_pages import sendable
from tests.server.test_sealed import call
from tests.support.assets import with_scripts, write_scripts
from tests.support.sealed import filing, message
from tests.support.site import TODAY, Site

CLOSED = {"stopped": (Name.STOPPED, TODAY), "closing": (Name.CLOSING, TODAY + timedelta(days=90))}
ACCOUNT = [("account", "a blue heron at the lock")]
END = "This page ends on February 22, 2027."


@pytest.fixture
def site(sites: MakeSite, tmp_path: Path) -> Site:
    """Make a site with scripts, whose door asks anew each time."""
    write_scripts(tmp_path / "static")
    made = sites(with_scripts(tmp_path / "static"))
    made.services.door._clock = iter(range(0, 10**6, 10)).__next__
    return made


def state(site: Site) -> State:
    """Return what the site remembers, as a command would write it."""
    return site.services.door._state


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_form_says_that_nothing_is_taken(site: Site, closed: tuple[Name, date]) -> None:
    """And is there again afterwards, though both pages are kept for the day."""
    open_form = site.client.get("/en/").data
    state(site).keep(*closed)
    answer = site.client.get("/en/")
    assert answer.status_code == 503
    assert "No new reports are taken here just now." in answer.text
    assert (END in answer.text) == (closed[0] is Name.CLOSING)
    state(site).drop(closed[0])
    assert site.client.get("/en/").data == open_form


@pytest.mark.parametrize("closed", CLOSED.values(), ids=CLOSED)
def test_what_was_typed_comes_back(site: Site, closed: tuple[Name, date]) -> None:
    """From the form and from the review page; nothing is kept."""
    review = site.review(ACCOUNT)
    state(site).keep(*closed)
    answer = site.post("/en/", ACCOUNT)
    assert (answer.status_code, ACCOUNT[0][1] in answer.text) == (503, True)
    answer = site.post("/en/send", sendable(review))
    assert answer.status_code == 503
    assert "Nothing is taken here just now." in answer.text
    assert dict(review.fields)["secret"] in answer.text
    assert site.count() == 0


def test_script_is_refused_by_a_code_that_it_can_say(site: Site) -> None:
    """New cases, additions where nothing is taken, new files."""
    sent = message(site, filing(site))
    late = message(site, filing(site))
    assert call(site, "cases", sent)[0] == 200
    state(site).keep(Name.CLOSING, TODAY)
    assert (call(site, "cases", late)[0], call(site, "cases", late)[1]["code"]) == (503, "closed")
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5000"}
    assert site.client.post("/api/v1/uploads", headers=headers).status_code == 201
    state(site).keep(Name.STOPPED, TODAY)
    assert site.client.post("/api/v1/uploads", headers=headers).status_code == 503
    assert call(site, "additions", {})[1]["code"] == "closed"
    assert "closed" in site.client.get("/en/sealing.json").json["texts"]  # type: ignore[index]


def test_what_arrived_before_is_never_called_lost(site: Site) -> None:
    """An answer that did not reach her is given again, with and without script."""
    sent = message(site, filing(site))
    review = site.review(ACCOUNT)
    fields = sendable(review)
    first = (call(site, "cases", sent), site.post("/en/send", fields).status_code)
    state(site).keep(Name.STOPPED, TODAY)
    assert (call(site, "cases", sent), site.post("/en/send", fields).status_code) == first
    assert (first[0][0], first[1]) == (200, 200)


def test_end_is_announced_where_words_are_entered(site: Site) -> None:
    """In every language, on every page; words still open the case."""
    state(site).keep(Name.CLOSING, TODAY + timedelta(days=90))
    assert END in site.client.get("/en/return").text
    assert "22 de febrero de 2027" in site.client.get("/es/return").text


def test_store_that_does_not_answer_changes_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form is shown as before, and says so when it is sent."""
    site.client.get("/en/")

    def fails(_state: State) -> dict[Name, date]:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(State, "all", fails)
    assert site.client.get("/en/").status_code == 200


def test_what_was_stopped_stays_so_while_the_store_does_not_answer(site: Site) -> None:
    """An emergency is not over because a disk is gone too."""
    now = [0.0]

    class Failing(State):
        def all(self) -> dict[Name, date]:
            if now[0]:
                raise StoreError("the disk is gone")
            return {Name.STOPPED: TODAY}

    door = Door(Failing(state(site)._database), lambda: now[0])
    assert door.is_stopped
    now[0] = 60.0
    assert door.is_stopped
    with pytest.raises(ClosedError):
        door.refuse_report()


def test_door_is_asked_every_few_seconds(site: Site) -> None:
    """Not with each page, and not once a day."""
    now = [0.0]
    calls: list[int] = []

    class Counted(State):
        def all(self) -> dict[Name, date]:
            calls.append(1)
            return {}

    door = Door(Counted(state(site)._database), lambda: now[0])
    for moment in (0.0, 1.0, 1.9, 2.0, 3.0, 5.0):
        now[0] = moment
        assert door.takes_reports
    assert len(calls) == 3


def test_form_admits_that_the_operator_reads(sites: MakeSite) -> None:
    """Where the same people do both, no sentence says that they cannot."""
    apart = sites()
    assert "We who run this page cannot." in apart.client.get("/en/").text
    same = msgspec.structs.replace(apart.services.programme, operator="investigators")
    one = sites(lambda services: replace(services, programme=same))
    text = one.client.get("/en/").text
    assert "are the same who read for" in text
    assert "cannot." not in text
