"""The page with its script, in a real Chromium against a real server, and what may go wrong.

Each test is a witness of her own: a mark in her account names her case at the offices.
"""

import secrets
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.between import Between, Rule, said
from tests.browser.scripted import (
    ADD,
    ALERT,
    CHANGE,
    MORE,
    NEXT,
    SEND,
    Browser,
    Tab,
    come_back,
    told,
)
from tests.media import samples
from tests.support.server import DemoServer

pytestmark = pytest.mark.browser

FILE = "POST /api/v1/cases"
JSON = "application/json"


@dataclass(frozen=True)
class Place:
    """A server, what stands before it, a browser."""

    server: DemoServer
    between: Between
    browser: Browser

    def open(self, language: str = "en", **how: object) -> Tab:
        """Open the form."""
        return self.browser.open(f"{self.between.origin}/{language}/", **how)

    def reviewed(self, account: str) -> Tab:
        """Return a report that stands on the page on which it is read over."""
        return self.open().ready().type("#account", account).read_over()


@pytest.fixture
def place(server: DemoServer, between: Between, browser: Browser) -> Place:
    """Return all three."""
    return Place(server, between, browser)


@pytest.fixture
def account() -> str:
    """Return what one witness tells and no other."""
    return f"They kept our papers, ¿dónde están? {secrets.token_hex(6)}\nThen they let us go."


def fill(tab: Tab, account: str) -> Tab:
    """Fill in the short form."""
    tab.type("#account", account).type("#place", "Nuevo Laredo")
    tab.answer("region", "mx-border").answer("time", "month")
    return tab.answer("agency", "cbp").answer("child", "yes")


def test_report_is_the_same_as_without_script(place: Place, account: str) -> None:
    """The offices open the same entry from both ways, but for what tells which way it went."""
    bodies = []
    for script in (True, False):
        tab = place.open(script=script)
        mark = f"{account} {script}"
        if script:
            tab.ready()
        fill(tab, mark)
        if script:
            tab.read_over()
        else:
            tab.tell("post", selector=NEXT)
        tab.press("[name=office][value=children]").type("#contact-children", "at shelter nine")
        if script:
            tab.send()
        else:
            tab.tell("post", selector=SEND)
        for office in ("investigators", "children"):
            (entry,) = told(place.server, office, mark)
            bodies.append((office, script, entry))
    assert [entry["body"].pop("unscripted") for _, _, entry in bodies] == [False] * 2 + [True] * 2
    for _, script, entry in bodies:
        assert entry["body"]["answers"].pop("account") == f"{account} {script}"
        assert len({entry["body"].pop(name) for name in ("message_key", "reply_to")}) == 2
        for name in ("case", "id"):
            entry.pop(name)
    plain = {(office, script): entry for office, script, entry in bodies}
    for office in ("investigators", "children"):
        assert plain[office, True] == plain[office, False]


def test_hours_of_reading_stand_on_review_and_receipt(place: Place, account: str) -> None:
    """As without script: beside each office, and under the reader once it is sent."""
    tab = fill(place.open().ready(), account).read_over()
    assert "Read on working days." in tab.found("[data-office=investigators]")[0]
    tab.press("[name=office][value=children]").send()
    readers = {text.splitlines()[0]: text for text in tab.found(".readers li")}
    assert "Read on working days." in readers["Our investigation team"]
    assert "Read on" not in readers["Child-rights advocate"]


def test_next_waits_until_the_script_is_ready(place: Place, account: str) -> None:
    """Pressed too early, nothing goes to the server: the page is turned once it can seal."""
    held = threading.Event()
    place.between.rules = [Rule("GET /en/sealing.json", held=held)]
    tab = place.open().type("#account", account).press(NEXT)
    assert tab.seen["shown"] == ["server"]
    before = list(place.between.requests)
    held.set()
    tab.until(".words li")
    assert "POST /en/" not in place.between.requests[len(before) :]
    tab.send()
    (entry,) = told(place.server, "investigators", account.splitlines()[0])
    assert entry["body"]["unscripted"] is False


def test_next_does_not_wait_for_ever(place: Place, account: str) -> None:
    """A script that never gets ready costs some seconds: then it goes as without it."""
    place.between.rules = [Rule("GET /en/sealing.json", held=threading.Event())]
    hurry = "const wait = setTimeout; window.setTimeout = (act, ms) => wait(act, ms / 10);"
    tab = place.open(before=hurry).type("#account", account).press(NEXT)
    tab.until(".given", account.splitlines()[0])
    assert "report" in tab.fields


def test_voice_that_was_chosen_early_is_taken(place: Place, tmp_path: Path) -> None:
    """What was chosen before the script was ready stands in its list."""
    voice = tmp_path / "voice.ogg"
    voice.write_bytes(samples.ogg())
    held = threading.Event()
    place.between.rules = [Rule("GET /en/parts", held=held)]
    tab = place.open().tell("give", selector="#voice [name=new]", files=[str(voice)])
    held.set()
    tab.ready().until(".files", "voice.ogg").until(".files", "Arrived, sealed.")
    assert tab.read_over().found(".files b") == ["voice.ogg"]


def test_send_pressed_twice_is_one_case(place: Place, account: str) -> None:
    """The second press of an impatient hand changes nothing."""
    tab = place.reviewed(account)
    before = place.between.requests.count(FILE)
    tab.press(SEND, count=2).until(MORE)
    assert place.between.requests.count(FILE) == before + 1
    assert len(told(place.server, "investigators", account.splitlines()[0])) == 1


def test_server_that_is_down_and_an_answer_that_is_lost_cost_nothing(
    place: Place, account: str
) -> None:
    """Kept, and the answer lost; then nobody is there; then it is one case with the same words."""
    tab = place.reviewed(account)
    words = tab.words
    place.between.rules = [Rule(FILE, lost=True, times=1)]
    tab.press(SEND).until(ALERT, "The line is broken")
    place.between.open_at = float("inf")
    tab.press(SEND).until(ALERT, "The line is broken")
    place.between.open_at = 0
    count = place.server.count_cases()
    tab.send()
    assert tab.words == words
    assert place.server.count_cases() == count
    assert "It is here" in come_back(place.server, words)


REFUSALS = {
    "busy": (said("429 Too Many Requests", b'{"code":"busy","message":""}', JSON), "Too many"),
    "store": (said("503 Unavailable", b'{"code":"store","message":""}', JSON), "It could not be"),
    "proxy": (said("503 Unavailable", b"<p>down for tea", "text/html"), "The line is broken"),
    "hostile": (said("200 OK", b'"fine"', JSON), "The line is broken"),
    "null": (said("500 Oops", b"null", JSON), "The line is broken"),
    "conflict": (
        said("409 Conflict", b'{"code":"conflict","message":""}', JSON),
        "Something else arrived",
    ),
}


@pytest.mark.parametrize(("answer", "text"), REFUSALS.values(), ids=REFUSALS)
def test_refusal_is_told_and_costs_nothing(
    place: Place, account: str, answer: bytes, text: str
) -> None:
    """Whatever is answered once, the page says so, keeps all, and sends it at the next press."""
    tab = place.reviewed(account)
    words = tab.words
    place.between.rules = [Rule(FILE, answer=answer, times=1)]
    tab.press(SEND).until(ALERT, text)
    tab.send()
    assert tab.words == words
    assert len(told(place.server, "investigators", account.splitlines()[0])) == 1


def test_other_content_under_the_same_words_is_a_conflict(place: Place, account: str) -> None:
    """The answer was lost and something was changed: what arrived stays, and the page says so."""
    tab = place.reviewed(account)
    words = tab.words
    place.between.rules = [Rule(FILE, lost=True, times=1)]
    tab.press(SEND).until(ALERT, "The line is broken")
    tab.press(CHANGE).type("#place", "Elsewhere").press(NEXT).until(".words li")
    tab.press(SEND).until(ALERT, "Something else arrived under these words")
    (entry,) = told(place.server, "investigators", account.splitlines()[0])
    assert "place" not in entry["body"]["answers"]
    assert "It is here" in come_back(place.server, words)


def test_back_warns_only_where_something_is_unsent(place: Place, account: str) -> None:
    """Not on the empty form, not once it was sent; but also for what was typed very early."""
    elsewhere = f"{place.server.origin}/health"
    empty = place.open().ready().press("h1").tell("go", url=elsewhere)
    assert empty.seen["asked"] == []
    typed = place.open().ready().press("#account").type("#account", account)
    assert typed.tell("go", url=elsewhere).seen["asked"] == ["beforeunload"]
    held = threading.Event()
    place.between.rules = [Rule("GET /en/parts", held=held, times=1)]
    early = place.open().press("#account").type("#account", account)
    held.set()
    early.ready().tell("go", url=elsewhere)
    assert early.seen["asked"] == ["beforeunload"]
    sent = place.reviewed(account).send().tell("go", url=elsewhere)
    assert sent.seen["asked"] == []


def test_change_keeps_everything(place: Place, account: str) -> None:
    """Back on the form all stands as it was, and the words stay the same."""
    tab = fill(place.open().ready(), account).read_over()
    words = tab.words
    tab.press(CHANGE).until("#account")
    stands = tab.fields
    assert (stands["account"].replace("\r\n", "\n"), stands["place"]) == (account, "Nuevo Laredo")
    assert (stands["region"], stands["agency"], stands["child"]) == ("mx-border", "cbp", "yes")
    tab.type("#account", " And more.").read_over()
    assert tab.words == words
    assert "And more." in tab.seen["text"]


def test_all_of_it_speaks_spanish(place: Place, account: str) -> None:
    """Words, texts and problems of the page's language."""
    tab = place.open("es").ready().press(NEXT).until(".alert")
    assert "Todavía no se envió nada" in tab.seen["text"]
    assert "Nothing was sent" not in tab.seen["text"]
    tab.type("#account", account).read_over().send().until(".readers")
    (entry,) = told(place.server, "investigators", account.splitlines()[0])
    assert entry["body"]["language"] == "es"
    tab.ask("incident").type("#facility", "puente").press(ADD).until(f"{MORE} .fine")
    assert [text for text in tab.found(".done") if text] == ["agregado"]


def test_problem_stands_beside_its_field_and_is_focused(place: Place) -> None:
    """Nothing was told: the summary has the focus and leads to the field, which says it too."""
    tab = place.open().ready().press(NEXT).until(".alert")
    assert tab.seen["focus"] == "alert"
    assert tab.found("#account-error") != []
    assert tab.found(".alert a[href='#account']") == ["What happened? (needed)"]
    assert tab.found("#account[aria-invalid=true][aria-describedby~=account-error]") == [""]
    tab.type("#account", "x").read_over().press(CHANGE).until("#account")
    assert tab.found(".alert, .error, [aria-invalid]") == []


def test_help_comes_first_where_it_is_not_described(place: Place) -> None:
    """Whoever does not want to describe it reads of help before anything else."""
    tab = place.open().ready()
    tab.answer("place_without", "undescribed").type("#account", "x").read_over()
    assert tab.seen["text"].index("988") < tab.seen["text"].index("Read it over")
