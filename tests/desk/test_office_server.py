"""A team's desks at a real server: first start, a colleague, a leaver, a lost machine."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from intake.cli.desk import _log_in_new
from intake.client import Server
from intake.crypto.keyring import fingerprint
from intake.crypto.unseal import HybridIdentity, generate_hybrid, open_identities_file, open_sealed
from intake.desk import run
from intake.desk.home import Home
from intake.desk.run import World
from intake.errors import NoMatchError
from tests.support.desk import Shelf, refused
from tests.support.filing import Witness
from tests.support.keys import PASSPHRASE, cheap
from tests.support.server import DemoServer, started
from tests.support.webdesk import Seen, WebDesk, words

# A sync leaves the connection that it kept to whoever lets its session go.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
OFFICE = "investigators"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoServer]:
    """Run a server with fresh keys."""
    with started(folder=tmp_path / "server") as running:
        yield running


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let passphrases cost little."""
    monkeypatch.setattr("intake.crypto.unseal.ScryptRecipient", cheap)


@dataclass
class Team:
    """People with a desk each, and the operator of their server."""

    server: DemoServer
    folder: Path

    def desk(self, who: str) -> WebDesk:
        """Return a desk that was never begun."""
        home = Home(self.folder / who)
        served = run.make(home, 0, World(_log_in_new, _now, look=Seen().look))
        served.server.server_close()
        made = WebDesk(home.folder, Shelf(), generate_hybrid(), served.app, served.services, Seen())
        made.get(served.services.door.address().removeprefix(served.services.door.origin))
        return made

    def begin(self, way: str, who: str, keys: str = "") -> WebDesk:
        """Begin a desk by its forms."""
        made = self.desk(who)
        first = {"address": self.server.origin, "keys": keys}
        looked = made.post(f"/start/{way}", look="1", **first)
        digest = re.search(r'name="digest" value="(\w+)"', looked.text)
        assert digest, words(looked.text)
        told = {"digest": digest[1], "office": OFFICE, "who": who, "compared": "1", "make": "1"}
        filled = {**first, **told, "passphrase": PASSPHRASE, "again": PASSPHRASE}
        assert made.post(f"/start/{way}", **filled).status_code == 303
        return made

    def publish(self, desk: WebDesk) -> None:
        """Put the file of keys that a desk saves on the server, as its operator does."""
        path = self.server.folder / "keys" / f"{OFFICE}.txt"
        path.write_text(desk.get("/office/keys").text)
        self.server.stop()
        self.server.start()


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def line(desk: WebDesk) -> str:
    """Return the key line as a person copies it from the page."""
    found = re.search(r'id="own-line"[^>]*>\n(age1pq1\w+)<', desk.get("/office").text)
    assert found
    return found[1]


def stand(desk: WebDesk) -> str:
    """Sync, and return what the page says of it."""
    desk.post("/sync")
    return desk.text("/sync")


def test_team_from_the_first_start_to_a_lost_machine(server: DemoServer, tmp_path: Path) -> None:
    """What was filed is read by whoever is in the file, after sealing anew, and by nobody else."""
    team = Team(server, tmp_path)
    ana = team.begin("new", "ana")
    sheet = ana.services.sheets.find()
    assert sheet
    ana.post("/recovery")
    assert "not one of the office" in stand(ana)
    team.publish(ana)
    first = Witness(1)
    assert first.send(server) == 200
    assert "1 opened" in stand(ana)

    ben = team.begin("join", "ben", ana.get("/office/keys").text)
    assert ana.post("/office/add", key=line(ben), compared="1", confirm="1").status_code == 303
    newer = ana.get("/office/keys").text
    assert ben.post("/office/take", keys=newer, compared="1", confirm="1").status_code == 303
    team.publish(ana)
    assert "set aside, and why" in stand(ben)
    ana.post("/office/seal")
    assert "sealed anew, 0 not" in ana.text("/office/seal")
    assert "What is left to do" not in ana.text("/office")
    stand(ben)
    assert first.account[:40] in ben.text(f"/search?q={first.account.split()[0]}")

    # The machine is lost: with the sheet and a backup another one takes its place.
    assert "written" in ana.post("/office/backup", path=str(tmp_path / "ana.age")).text
    lost = own(ana)
    ana.close()
    new = team.desk("again")
    typed = {"backup": str(tmp_path / "ana.age"), "secret": sheet.key.secret_text()}
    done = new.post("/start/back", passphrase=PASSPHRASE, again=PASSPHRASE, **typed)
    assert done.headers["Location"] == "/office", words(done.text)
    assert new.post("/office/add", key=line(new), compared="1", confirm="1").status_code == 303
    gone = {"key": fingerprint(lost.recipient()), "confirm": "1"}
    assert new.post("/office/remove", **gone).status_code == 303
    new.post("/office/seal", secret=sheet.key.secret_text())
    assert "sealed anew, 0 not" in new.text("/office/seal")
    team.publish(new)
    assert Witness(2).send(server) == 200
    assert "1 opened" in stand(new)
    entries = list(Server.at(server.origin).log_in(OFFICE, sheet.key).entries())
    assert len(entries) > 2
    for one in entries:
        assert open_sealed(one.header, one.payload, [own(new)])
        refused(partial(open_sealed, one.header, one.payload, [lost]), NoMatchError)


def own(desk: WebDesk) -> HybridIdentity:
    """Return the identity in a desk's file."""
    (key,) = open_identities_file(desk.services.home.identity.read_bytes(), lambda: PASSPHRASE)
    assert isinstance(key, HybridIdentity)
    return key
