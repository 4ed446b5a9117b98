"""`intake status`: each thing that needs a hand is said, with what to do; nothing of persons."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.core import programme as programmes
from intake.crypto import keyring
from intake.crypto.keyring import Keyring, OfficeKey
from intake.crypto.unseal import generate_hybrid
from intake.ops import status
from intake.ops.status import Line, Site
from intake.paths import shipped
from intake.store.canaries import Canaries
from intake.store.outbox import Outbox, Round
from intake.store.records import Records
from intake.store.state import Name, State
from tests.ops.conftest import Store
from tests.store.samples import DAY, filing

PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
NEXT_YEAR = DAY + timedelta(days=365)


def days(number: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=number)


@pytest.fixture
def site(store: Store) -> Site:
    """Make a site where all is well."""
    keys = tuple(
        OfficeKey(generate_hybrid().recipient(), role, DAY, NEXT_YEAR)
        for role in ("working", "recovery")
    )
    ring = Keyring({office.id: keys for office in PROGRAMME.keyed})
    store.back_up()
    State(store.database).keep(Name.PURGED, DAY)
    return Site(store.database, store.folder, 0, PROGRAMME, ring, (), store.target.folder)


def bad(site: Site, today: date = DAY) -> list[Line]:
    """Return what needs a hand."""
    return [line for line in status.look(site, today) if line.is_bad]


def test_site_that_is_well_says_so(site: Site) -> None:
    """And every line is there, whoever asks for all."""
    lines = list(status.look(site, DAY))
    assert [line for line in lines if line.is_bad] == []
    abouts = [line.about for line in lines]
    assert abouts[:8] == ["check", "form", "disk", "backup", "purge", "canary", "keys", "mail"]
    assert abouts[8:] == [office.id for office in PROGRAMME.keyed]


def test_each_thing_that_is_wrong_is_said(site: Site) -> None:
    """With the next step."""
    (line,) = bad(replace(site, problems=("children.txt: has fewer than two valid keys",)))
    assert line.about == "check"
    (line,) = bad(replace(site, room=1 << 60))
    assert (line.about, "make room" in line.text) == ("disk", True)
    (line,) = bad(replace(site, target=None))
    assert line.text == "none is made, name a folder in the settings"
    assert [line.about for line in bad(site, DAY + days(3))] == ["backup", "purge"]
    assert [line.about for line in bad(site, DAY - days(1))] == ["backup", "purge"]
    State(site.database).keep(Name.STOPPED, DAY)
    (line,) = bad(site)
    assert line.text == f"nothing is taken since {DAY}; again: intake programme resume"


def test_backup_that_is_not_whole_is_said(site: Site) -> None:
    """Missing, cut, or a folder that is not there any more."""
    assert site.target
    (sealed,) = site.target.glob("2026*.age")
    sealed.write_bytes(b"")
    (line,) = bad(site)
    assert line.text == f"not whole, back up again: {sealed.name} is cut off"
    (line,) = bad(replace(site, target=Path("/nonexistent")))
    assert line.text == "never, run: intake backup"


def test_key_that_ends_soon_is_said(site: Site) -> None:
    """Four weeks before, and not the ended one again, which `check` names."""
    assert bad(replace(site), NEXT_YEAR - days(29)) == bad(site, NEXT_YEAR - days(29))
    keys = [line for line in bad(site, NEXT_YEAR - days(28)) if line.about == "keys"]
    assert len(keys) == 2 * len(PROGRAMME.keyed)
    assert keys[0].text.endswith(f"ends on {NEXT_YEAR}: make the next one now")


def test_office_that_does_not_fetch_is_said(site: Site) -> None:
    """After a week, with the day and nothing of the cases."""
    made = filing(1, "children")
    Records(site.database).file(made)
    assert [line for line in bad(site, DAY + days(7)) if line.about == "children"] == []
    (line,) = [line for line in bad(site, DAY + days(8)) if line.about == "children"]
    assert line.text == f"has something to fetch since {DAY}: call it"
    told = "\n".join(line.text for line in status.look(site, DAY + days(8)))
    assert made.case not in told
    assert made.items[0].entry not in told


def test_mail_that_was_given_up_is_said(store: Store, site: Site) -> None:
    """With how to see why."""
    Records(store.database).file(filing(1, "inv"))
    outbox = Outbox(store.database)
    outbox.decide(Round("inv", 0), 0, DAY)
    outbox.decide(Round("inv", 60), 60, DAY)
    assert not [line for line in bad(site) if line.about == "mail"]
    outbox.failed(outbox.all()[0], "refused", dead=True, take_back=False)
    (line,) = [line for line in bad(site) if line.about == "mail"]
    assert line.text == "1 could not be sent, see why: intake outbox"


def test_canary_that_nobody_opens_is_said(site: Site) -> None:
    """After four days, though each day another one replaces it."""
    canaries, state = Canaries(site.database), State(site.database)
    state.keep(Name.CANARY, DAY)
    for number in range(1, 7):
        today = DAY + days(number)
        canaries.keep(f"{number:032x}", f"{number}", today)
        lines = [line for line in bad(site, today) if line.about == "canary"]
        assert bool(lines) == (number > 4)
    assert f"the last one opened was filed on {DAY}: ask the office" in lines[0].text
    state.keep(Name.CANARY, canaries.open("6", today))
    assert [line for line in bad(site, today) if line.about == "canary"] == []


def test_fingerprints_are_no_secret_and_are_not_said(site: Site) -> None:
    """A mail of these lines tells which offices, and nothing by which a key is known."""
    told = "\n".join(line.text for line in status.look(site, NEXT_YEAR))
    for keys in site.keyring.offices.values():
        for key in keys:
            assert keyring.fingerprint(key.recipient)[:8] not in told
