"""Coming back with the page's script: everything is opened and sealed on the device.

Each test is a witness of her own: a mark in her account names her case at the offices.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli.reissue import reissue
from intake.core import receipt
from intake.wordlists import wordlist
from tests.browser.between import Rule, said
from tests.browser.returning import LOOK, REPLY, SAID, Witness
from tests.browser.scripted import ADD, ALERT, come_back
from tests.media.pictures import telling_jpeg

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CASE = "[data-thread]"
STOP = "[data-do=stop]"
WORDS_ERROR = "#words-error"
POSTED = "POST /"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a picture that tells where it was made."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(telling_jpeg())
    return path


def test_witness_reads_answers_with_a_photo_and_takes_it_back_from_one(
    witness: Witness, photo: Path, tmp_path: Path
) -> None:
    """Four letters of each word are enough; the offices see all of it, in order."""
    desk = witness.desk()
    reply = desk.send(desk.reply("Sí, it arrived.\nWhen was it? <b>x</b>", "incident"))
    tab = witness.back().until(REPLY)
    assert "Sí, it arrived.\nWhen was it? <b>x</b>" in tab.seen["text"]
    assert "Fetched on" in tab.found("[data-reader=investigators]")[0]
    assert "Its first answer is of" in tab.found("[data-reader=investigators]")[0]
    assert "Read on working days" in tab.found("[data-reader=investigators]")[0]
    assert "Not fetched yet" in tab.found("[data-reader=children]")[0]
    assert witness.mark not in tab.seen["text"]
    assert tab.seen["url"] == f"{witness.between.origin}/en/return"

    tab.press(f"{REPLY} button.row").until("form[data-group=incident]")
    assert [value for name, value in tab.seen["fields"] if name == "office"] == ["investigators"]
    tab.type("#facility", "at the bridge").press(ADD).until(SAID, "Kept")
    tab.press(f"{REPLY} button.plain").until("form[data-group=answer]")
    assert [value for name, value in tab.seen["fields"] if name == "office"] == ["investigators"]
    tab.type("#message", "On Tuesday, see the picture")
    tab.tell("give", selector="[name=new]", files=[str(photo)]).until(".files", "Arrived, sealed.")
    tab.press(ADD).until(SAID, "Kept")
    tab.press(STOP).press("[data-withdraw=children]").until(SAID, "It is removed")
    assert "Taken back" in tab.found("[data-reader=children]")[0]

    entries = witness.told("investigators", tmp_path)
    kinds = [(one["kind"], one["body"].get("group")) for one in entries]
    assert kinds == [
        ("report", None),
        ("reply", None),
        ("message", "incident"),
        ("message", "answer"),
    ]
    assert [reply.id in one["seen"] for one in entries] == [False, False, True, True]
    answered = entries[3]["body"]
    assert answered["answers"] == {"message": "On Tuesday, see the picture"}
    assert answered["unscripted"] is False
    # She left it ticked that this office gets the picture as it was made.
    (picture,) = answered["evidence"]
    assert [path.read_bytes() for path in tmp_path.rglob("*photo*.jpg")][1:] == [telling_jpeg()]
    assert picture["name"] == "photo.jpg"
    assert witness.told("children") == []
    assert_sealed(witness, "at the bridge", "On Tuesday", "Sí, it arrived", "photo.jpg")


def assert_sealed(witness: Witness, *texts: str) -> None:
    """Assert that no request held a text, a word that opens, or the ten numbers."""
    seen = bytes(witness.between.seen)
    assert len(seen) > 10_000
    for text in (*texts, witness.mark, " ".join(witness.numbers), *pairs(witness.words)):
        for spelled in (text, text.replace(" ", "+"), text.replace(" ", "%20")):
            assert spelled.encode() not in seen
    assert witness.short.encode() not in seen


def pairs(words: list[str]) -> Iterator[str]:
    """Yield each two words that stand beside one another."""
    return (f"{one} {other}" for one, other in pairwise(words))


def test_word_that_fits_no_list_is_pointed_out_before_anything_is_sent(witness: Witness) -> None:
    """By its place, as she types; nothing of the words leaves the page."""
    before = len(witness.between.requests)
    typed = [*witness.words[:2], "zzzz", *witness.words[3:]]
    tab = witness.page().ready().type("#words", " ".join(typed[:4]))
    tab.until(WORDS_ERROR, "number 3 (zzzz)")
    tab.type("#words", " " + " ".join(typed[4:])).press(LOOK).until(WORDS_ERROR, "number 3 (zzzz)")
    assert tab.found("#words[aria-invalid=true][aria-describedby~=words-error]") == [""]
    assert tab.fields["words"] == " ".join(typed)
    # Every list was asked, since the page's own did not fit; only what is the same for everybody.
    made = witness.between.requests[before:]
    assert "GET /words.json" in made
    assert not any(one.startswith(POSTED) for one in made)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("abandon ability", "Please write all ten words"),
        ("", "Please write all ten words"),
        (" ".join(["abandon"] * 10), "do not belong together"),
        (" ".join(["0001"] * 9 + ["2049"]), "number 10 (2049)"),
    ],
)
def test_words_that_are_none_are_named(witness: Witness, typed: str, text: str) -> None:
    """Too few, in a wrong order, a number that no list has: said, and nothing sent."""
    before = len(witness.between.requests)
    tab = witness.page().ready()
    if typed:
        tab.type("#words", typed)
    tab.press(LOOK).until(WORDS_ERROR, text)
    assert not any(one.startswith(POSTED) for one in witness.between.requests[before:])


def test_words_are_taken_however_they_are_written(witness: Witness) -> None:
    """As numbers, also Arabic ones; with numbers beside them; in another language than the page."""
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    spanish = [wordlist("es")[int(number) - 1] for number in witness.numbers]
    beside = " ".join(f"{a} {b}" for a, b in zip(witness.words, witness.numbers, strict=True))
    for typed in (
        " ".join(witness.numbers),
        " ".join(witness.numbers).translate(arabic),
        beside.title(),
        " ".join(spanish),
    ):
        assert "No answer yet" in witness.back(typed).seen["text"]
    tab = witness.back(language="es")
    assert "Todavía no hay respuesta" in tab.seen["text"]


def test_words_under_which_nothing_arrived_are_told_plainly(witness: Witness) -> None:
    """They are good words, of no case here; the field keeps them."""
    other = receipt.make(bytes(range(13))).words(wordlist("en"))
    tab = witness.page().ready().type("#words", " ".join(other)).press(LOOK)
    tab.until(WORDS_ERROR, "under these words")
    assert tab.fields["words"] == " ".join(other)
    assert tab.found("#list") != []


def test_empty_mailbox_says_when_offices_read(witness: Witness) -> None:
    """No answer yet, and the hours of those who have it."""
    tab = witness.back()
    assert "No answer yet" in tab.found("[data-none]")[0]
    assert "Read on working days" in tab.found("[data-none]")[0]


def test_line_that_breaks_while_reading_loses_nothing(witness: Witness) -> None:
    """What was read stays; the rest comes when she presses again."""
    desk = witness.desk()
    for number in range(3):
        desk.send(desk.reply(f"answer number {number}"))
    mail = "POST /api/v1/mail"
    witness.between.rules = [Rule(mail, times=2), Rule(mail, answer=b"HTTP/1.1 ", times=1)]
    tab = witness.page().ready().type("#words", witness.short).press(LOOK)
    tab.until(f"{CASE} {ALERT}", "The line is broken")
    asked = witness.between.requests.count(mail)
    tab.press("[data-do=read]").until(REPLY, "answer number 2")
    assert len(tab.found(REPLY)) == 3
    # Three replies and what the filing browser sealed to itself, one of them asked for twice.
    assert (asked, witness.between.requests.count(mail)) == (3, 5)


def test_answer_that_was_lost_is_sent_again_the_same(witness: Witness) -> None:
    """Kept once, though the line took what the server said; a double tap neither."""
    tab = witness.back().press("[data-more] [data-group=new]").until("form[data-group=new]")
    tab.type("#account", "they came again")
    witness.between.rules = [Rule("POST /api/v1/additions", lost=True, times=1)]
    tab.press(ADD).until(ALERT, "The line is broken")
    assert tab.fields["account"] == "they came again"
    tab.press(ADD, count=2).until(SAID, "Kept")
    messages = [one for one in witness.told("investigators") if one["kind"] == "message"]
    assert len(messages) == 1


def test_same_words_twice_are_two_messages(witness: Witness) -> None:
    """What was kept is not taken for what was lost."""
    tab = witness.back()
    for _ in range(2):
        tab.press("[data-more] [data-group=answer]").until("form[data-group=answer]")
        tab.type("#message", "yes").press(ADD).until(SAID, "Kept")
    messages = [one for one in witness.told("investigators") if one["kind"] == "message"]
    assert len(messages) == 2


def test_withdrawal_whose_answer_was_lost_is_answered_as_before(witness: Witness) -> None:
    """The office had read it: she learns that, though the first answer never came."""
    witness.told("children")
    tab = witness.back().press(STOP).until("[data-withdraw]")
    witness.between.rules = [Rule("POST /api/v1/withdraw", lost=True, times=1)]
    tab.press("[data-withdraw=children]").until(ALERT, "The line is broken")
    tab.press("[data-withdraw=children]", count=2).until(SAID, "asked to stop")
    assert [one["body"]["group"] for one in witness.told("children")] == ["withdrawal"]


def test_deletion_is_asked_for_and_taken_back(witness: Witness) -> None:
    """Each told to the offices, under the next number."""
    tab = witness.back().press(STOP).until("[data-do=delete]")
    for _ in range(2):
        tab.press("[data-do=delete]").until(SAID, "It will be deleted here in 7 days")
        tab.press("[data-do=keep]").until(SAID, "nothing will be deleted")
    groups = [one["body"].get("group") for one in witness.told("investigators")]
    assert groups == [None, "deletion", "kept", "deletion", "kept"]


def test_words_that_somebody_has_are_closed(witness: Witness) -> None:
    """Also where the answer is lost; then nothing opens, with script and without."""
    tab = witness.back().press(STOP).until("[data-do=close]")
    witness.between.rules = [Rule("POST /api/v1/closing", lost=True, times=1)]
    tab.press("[data-do=close]").until(ALERT, "The line is broken")
    tab.press("[data-do=close]").until("h1", "The words are closed")
    assert witness.told("investigators")[-1]["body"]["group"] == "exposed"
    again = witness.page().ready().type("#words", witness.short).press(LOOK)
    again.until(WORDS_ERROR, "under these words")


def test_read_answer_is_deleted_after_a_question(witness: Witness) -> None:
    """For her; the office keeps it, and nothing is taken for withheld afterwards."""
    desk = witness.desk()
    desk.send(desk.reply("first of all"))
    desk.send(desk.reply("and then"))
    tab = witness.back().until(REPLY, "and then")
    first = f"{REPLY}:first-child"
    tab.press(f"{first} div button").until(first, "You cannot read it again")
    tab.press(f"{first} div button:last-child").until(f"{first} div", "Delete this answer here")
    tab.press(f"{first} div button").press(f"{first} div button")
    tab.until(REPLY, "first of all", gone=True)
    tab = witness.back().until(REPLY, "and then")
    assert len(tab.found(REPLY)) == 1
    assert "was not given to you" not in tab.seen["text"]
    assert len([one for one in witness.told("investigators") if one["kind"] == "reply"]) == 2


def test_case_is_handled_half_with_script_and_half_without(witness: Witness) -> None:
    """Numbers have no gap, whichever of the two made them."""
    tab = witness.back().press("[data-more] [data-group=new]").until("form[data-group=new]")
    tab.type("#account", "with script").press(ADD).until(SAID, "Kept")
    words = ("words", " ".join(witness.numbers))
    page = witness.server.post("/en/stop", [words])
    assert page.status == 200
    for what in ("delete", "keep"):
        fields = [words, ("what", what), ("office", ""), ("number", "0")]
        assert witness.server.post("/en/end", fields).status == 200
    tab = witness.back().press(STOP).press("[data-do=delete]").until(SAID, "deleted here")
    assert "added" in come_back(witness.server, witness.words)
    tab.press("[data-withdraw=children]").until(SAID, "removed")
    assert "Taken back" in come_back(witness.server, witness.words)
    groups = [one["body"].get("group") for one in witness.told("investigators")]
    assert groups == [None, "new", "deletion", "kept", "deletion"]


@pytest.mark.parametrize("blocked", ["GET /back.js", "GET /open.js", "GET /en/back"])
def test_where_the_script_fails_the_page_works_without(witness: Witness, blocked: str) -> None:
    """And says that the server opens it."""
    gone = said("404 Not Found", b"", "text/plain")
    witness.between.rules = [Rule(blocked, answer=gone), Rule("GET /open-full.js", answer=gone)]
    tab = witness.page().type("#words", witness.short)
    assert tab.seen["shown"] == ["server"]
    tab.tell("post", selector=LOOK).until("h1", "It is here")
    assert "POST /en/return" in witness.between.requests


def test_older_browser_opens_with_the_library(witness: Witness) -> None:
    """Where one of the ciphers is missing, another script has it."""
    desk = witness.desk()
    desk.send(desk.reply("by the library"))
    deaf = b"onmessage = ({data}) => postMessage({id: data.id, answer: false});"
    witness.between.rules = [Rule("GET /open.js", answer=said("200 OK", deaf, "text/javascript"))]
    assert "by the library" in witness.back().until(REPLY).seen["text"]


def test_endings_are_the_same_entries_as_without_script(
    witness_of: Callable[[], Witness],
) -> None:
    """An office cannot tell them apart but by what says which way they went."""
    told = []
    for script in (True, False):
        witness = witness_of()
        witness.told("children")
        if script:
            tab = witness.back().press(STOP).press("[data-do=delete]").until(SAID)
            tab.press("[data-do=keep]").until(SAID, "nothing will be deleted")
            tab.press("[data-withdraw=children]").until(SAID, "asked to stop")
            tab.press("[data-do=close]").until("h1", "The words are closed")
        else:
            words = ("words", " ".join(witness.numbers))
            for what, office in (
                ("delete", ""),
                ("keep", ""),
                ("withdraw", "children"),
                ("exposed", ""),
            ):
                fields = [words, ("what", what), ("office", office), ("number", "0")]
                assert witness.server.post("/en/end", fields).status == 200
        entries = [one for office in ("investigators", "children") for one in witness.told(office)]
        assert [one["body"].pop("unscripted") for one in entries if one["kind"] != "report"] == [
            not script
        ] * 4
        order = {one["id"]: at for at, one in enumerate(entries)}
        for one in entries:
            one["seen"] = sorted(order.get(name, -1) for name in one["seen"])
            for name in ("case", "id", "mac"):
                one.pop(name)
        told.append([one for one in entries if one["kind"] != "report"])
    assert told[0] == told[1]
    assert [one["body"]["group"] for one in told[0]] == [
        "deletion",
        "kept",
        "exposed",
        "withdrawal",
    ]


def test_leaving_forgets_and_asks_nothing(witness: Witness) -> None:
    """By three Shifts, in the middle of an answer; Back does not bring it again."""
    desk = witness.desk()
    desk.send(desk.reply("a heron at the lock"))
    tab = witness.back().until(REPLY)
    tab.press(f"{REPLY} button.plain").until("form[data-group=answer]").type("#message", "heron")
    left = tab.tell("keys", keys=["Shift"] * 3, leaves=True)
    assert left.seen["asked"] == []
    assert "heron" not in left.seen["text"]
    assert [url for url, _ in left.tell("history").seen["entries"]] == [
        "about:blank",
        "https://www.weather.gov/",
    ]


def test_finishing_leaves_an_empty_page(witness: Witness) -> None:
    """The words are asked for again; nothing was kept by the browser."""
    desk = witness.desk()
    desk.send(desk.reply("a heron at the lock"))
    tab = witness.back().until(REPLY)
    kept = tab.tell("kept").seen["kept"]
    assert kept == {
        "local": [],
        "session": [],
        "databases": 0,
        "caches": [],
        "scripts": 0,
        "quota": 0,
        "cookies": [],
    }
    tab.tell("post", selector="[data-do=finish]").until("#words").ready()
    assert tab.fields.get("words", "") == ""
    assert "heron" not in tab.seen["text"]


def test_going_elsewhere_and_back_shows_nothing(witness: Witness) -> None:
    """Whatever the browser kept of the page for Back is empty."""
    desk = witness.desk()
    desk.send(desk.reply("a heron at the lock"))
    tab = witness.back().until(REPLY)
    tab.tell("go", url=f"{witness.between.origin}/en/").until("#account")
    tab.tell("back").until("#words")
    assert "heron" not in tab.seen["text"]
    assert tab.fields.get("words", "") == ""


def test_lost_words_are_replaced_by_the_office_she_chose(witness: Witness) -> None:
    """She reads on with the new ones what was written before and after; the lost open nothing."""
    desk = witness.desk()
    desk.send(desk.reply("before she lost them"))
    tab = witness.back().press("[data-more] [data-group=keeper]")
    tab.until("form[data-group=keeper]").type("#known-by", "the name of my first teacher")
    tab.press(ADD).until(ALERT, "Please choose one office, and no more.")
    tab.press("[name=office][value=investigators]").press(ADD).until(SAID, "Kept")
    (case,) = {one["case"] for one in witness.told("investigators")}
    server = witness.server
    asked = [case, "--yes", "--server", server.origin, "--office", "investigators"]
    asked += ["--identity", str(server.identity("investigators")), "--language", "es"]
    done = CliRunner().invoke(reissue, [*asked, "--keys", str(server.folder / "keys")])
    assert done.exit_code == 0, done.output
    assert "the name of my first teacher" in done.output
    desk.send(desk.reply("after she lost them"))
    spoken = re.findall(r"^ +\d+\. (\S+) \d{4}$", done.output, re.MULTILINE)

    lost = witness.page().ready().type("#words", witness.short).press(LOOK)
    lost.until(WORDS_ERROR, "under these words")
    # Spanish words on the English page.
    tab = witness.back(" ".join(spoken)).until(REPLY, "after she lost them")
    assert len(tab.found(REPLY)) == 2
    assert any("These words are new" in text for text in tab.found("main p"))
    tab.press("[data-more] [data-group=answer]").until("form[data-group=answer]")
    tab.type("#message", "here I am again").press(ADD).until(SAID, "Kept")
    told = [one["body"] for one in witness.told("investigators") if one["kind"] == "message"]
    assert told[-1]["answers"] == {"message": "here I am again"}
    assert "here I am again" not in come_back(server, spoken)
