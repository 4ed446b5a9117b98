"""What is added to a case by the page's script, alone and in turn with pages that have none."""

import re
import secrets
import subprocess
import sys
from typing import Any

import pytest

from tests.browser.between import Between, Rule
from tests.browser.scripted import ADD, ALERT, BACK, MORE, Browser, Tab, come_back, told
from tests.support.server import DemoServer
from tests.support.site import Page

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def mark() -> str:
    """Return what one witness tells and no other."""
    return f"They kept our papers {secrets.token_hex(6)}"


@pytest.fixture
def sent(between: Between, browser: Browser, mark: str) -> Tab:
    """Return a page on which a report was just received by two offices."""
    tab = browser.open(f"{between.origin}/en/").ready().type("#account", mark)
    tab.press("[name=child][value=yes]").read_over()
    return tab.press("[name=office][value=children]").send()


def additions(server: DemoServer, office: str, mark: str) -> list[dict[str, Any]]:
    """Return what was added for an office, in the order in which it was added."""
    entries = told(server, office, mark)
    return sorted((e for e in entries if e["kind"] == "message"), key=lambda e: len(e["seen"]))


def test_persons_come_and_go_and_what_was_typed_stays(
    server: DemoServer, sent: Tab, mark: str
) -> None:
    """Of three the second is taken away: the others keep all, under new numbers."""
    sent.ask("persons").type("#person-0-alias", "Eduardo")
    more = "[name=do][value=more]"
    sent.press(more).type("#person-1-alias", "Nobody").press("#person-1-needs [value=ill]")
    sent.press(more).type("#person-2-alias", "María").press("#person-2-needs [value=pregnant]")
    sent.answer("person-0-sex", "male")
    sent.press("[data-person]:nth-of-type(2) [data-drop]").until(more)
    assert sent.found("[data-person] h2") == ["Person 1", "Person 2"]
    stands = sent.tell("see").fields
    assert (stands["person-0-alias"], stands["person-0-sex"]) == ("Eduardo", "male")
    assert (stands["person-1-alias"], stands["person-1-needs"]) == ("María", "pregnant")
    assert not any(name.startswith("person-2") for name in stands)
    agrees = "#person-1-agrees input"
    sent.press(agrees).press(ADD).until(".alert")
    assert sent.seen["focus"] == "alert"
    assert sent.found(".alert a[href='#person-1-agrees']") != []
    assert sent.found("#person-1-agrees-error") != []
    sent.press(agrees).add()
    (added,) = additions(server, "investigators", mark)
    people = added["body"]["people"]
    assert [person["alias"] for person in people] == ["Eduardo", "María"]
    assert (people[0]["sex"], people[1]["needs"]) == ("male", ["pregnant"])
    # Persons are told to the fallback alone, unless another office is ticked.
    assert additions(server, "children", mark) == []


def test_name_goes_to_the_one_office_that_may_know_it(
    server: DemoServer, sent: Tab, mark: str
) -> None:
    """Each office that has the case is asked about, and learns only what was chosen for it."""
    sent.ask("consent").type("#name", "Rosa Quispe")
    assert len(sent.found("[data-own]")) == 2
    sent.answer("children-identity", "confidential")
    sent.answer("investigators-identity", "anonymous").add()
    (child,) = additions(server, "children", mark)
    (team,) = additions(server, "investigators", mark)
    assert child["body"]["answers"] == {"identity": "confidential", "name": "Rosa Quispe"}
    assert team["body"]["answers"] == {"identity": "anonymous"}


def test_office_joins_with_a_first_entry_of_its_own(
    server: DemoServer, sent: Tab, mark: str
) -> None:
    """Someone is held: the office that is asked for gets the case, and is named to the others."""
    sent.ask("detained")
    sent.answer("held-at_without", "unknown").answer("custody", "yes")
    sent.press(ADD).until(ALERT, "Other offices can take this now")
    assert sent.seen["cards"] == ["detention", "investigators", "children"]
    sent.press("[name=joining][value=detention]").add()
    for office in ("investigators", "children"):
        (added,) = additions(server, office, mark)
        assert added["body"]["refer"] == ["detention"]
        assert added["body"]["answers"] == {"custody": "yes", "held-at": ["unknown"]}
    (first,) = told(server, "detention", "")
    assert first["kind"] == "report"
    assert first["body"]["answers"] == {"custody": "yes", "held-at": ["unknown"]}
    assert (first["case"], first["seen"]) == (added["case"], [])


def add_by_the_server(server: DemoServer, words: list[str], facility: str) -> None:
    """Come back with ten words where there is no script, and add to the incident."""
    asked = server.post("/en/ask", [("words", " ".join(words)), ("group", "incident")])
    page = Page.of(asked.text)
    hidden = [(name, page.value(name)) for name in ("words", "group", "number", "token")]
    told_to = [("office", "investigators"), ("facility", facility), ("do", "send")]
    assert server.post("/en/add", [*hidden, *told_to]).status == 200


def test_additions_of_both_ways_follow_one_another(
    server: DemoServer, sent: Tab, mark: str
) -> None:
    """With script, without, with: each names all that the office had before it."""
    sent.ask("incident").type("#facility", "one").add()
    add_by_the_server(server, sent.words, "two")
    sent.ask("incident").type("#facility", "three").add()
    assert [text for text in sent.found(".done") if text] == ["added 3 times"]
    entries = told(server, "investigators", mark)
    before = [entry["id"] for entry in entries if entry["kind"] == "report"]
    added = additions(server, "investigators", mark)
    assert [entry["body"]["answers"]["facility"] for entry in added] == ["one", "two", "three"]
    assert [entry["body"]["unscripted"] for entry in added] == [False, True, False]
    for entry in added:
        assert entry["seen"] == sorted(before)
        before.append(entry["id"])


def test_addition_whose_answer_is_lost_is_kept_once(
    server: DemoServer, between: Between, sent: Tab, mark: str
) -> None:
    """Sent again it is the same; nothing typed is lost meanwhile."""
    between.rules = [Rule("POST /api/v1/additions", lost=True, times=1)]
    sent.ask("incident").type("#facility", "the bridge").press(ADD)
    sent.until(ALERT, "The line is broken")
    assert sent.fields["facility"] == "the bridge"
    sent.add()
    assert len(additions(server, "investigators", mark)) == 1


def test_back_sends_nothing_and_group_that_cannot_be_fetched_costs_nothing(
    between: Between, sent: Tab
) -> None:
    """The page stays where it was, says that the line is broken, and opens at the next press."""
    between.open_at = float("inf")
    sent.press("[data-group=harm]").until(f"{MORE} {ALERT}", "The line is broken")
    between.open_at = 0
    words = sent.words
    before = between.requests.count("POST /api/v1/additions")
    sent.ask("harm").type("#care", "none").press(BACK).until(MORE)
    assert sent.words == words
    assert between.requests.count("POST /api/v1/additions") == before
    assert sent.tell("go", url=f"{between.origin}/health").seen["asked"] == []


def test_help_comes_first_after_what_was_not_described(sent: Tab) -> None:
    """An addition whose answer is not to describe it leads to help."""
    sent.ask("harm").press("#harms [value=mind]")
    sent.press("#harms [value=undescribed]").add()
    assert sent.seen["text"].index("988") < sent.seen["text"].index("Received")


def test_lost_words_are_replaced_by_the_office_that_was_chosen(
    server: DemoServer, sent: Tab, mark: str
) -> None:
    """Chosen on this device; new words open the case, the lost ones nothing, in each language."""
    lost = " ".join(sent.words)
    sent.ask("keeper").type("#known-by", f"{mark} my teacher").press(ADD)
    sent.until(ALERT, "Please choose one office, and no more.")
    sent.press("[name=office][value=investigators]").add()
    (added,) = additions(server, "investigators", mark)
    assert added["body"]["answers"]["known-by"] == f"{mark} my teacher"
    assert additions(server, "children", mark) == []
    words = [sys.executable, "-m", "intake", "reissue", added["case"], "--yes"]
    words += ["--server", server.origin, "--office", "investigators"]
    words += ["--identity", str(server.identity("investigators")), "--language", "es"]
    words += ["--keys", str(server.folder / "keys")]
    told_her = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "my teacher" in told_her
    numbers = re.findall(r"^ +\d+\. \S+ (\d{4})$", told_her, re.MULTILINE)
    assert len(numbers) == 10
    page = come_back(server, numbers)
    assert "These words are new" in page
    assert "How can it be sure" not in page
    entries = told(server, "investigators", mark)
    noted = [entry["body"]["text"] for entry in entries if entry["kind"] == "note"]
    assert noted == [
        "New words were given to this person, who had lost hers. The lost ones open nothing."
    ]
    gone = server.post("/en/return", [("words", lost)])
    assert gone.status == 404
    assert "Nothing" in gone.text
