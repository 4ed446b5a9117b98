"""One case: all of it in order, and what is done about it."""

import msgspec
import pytest

from intake.core import wire
from intake.core.entry import AdditionBody, Entry, MessageBody, ReportBody
from intake.core.report import Answer
from intake.crypto import opening
from intake.crypto.derive import WitnessKeys, authenticate
from intake.vault import custody
from tests.crypto import entries
from tests.support.desk import TODAY
from tests.support.programmes import small
from tests.support.webdesk import WebDesk, words

CASE = entries.report().case
HERS = WitnessKeys(b"\x07" * 32)
replace = msgspec.structs.replace


def report() -> Entry:
    """Return a report of somebody whose words open the answers."""
    made = entries.report()
    assert isinstance(made.body, ReportBody)
    key = HERS.message_key("inv").hex()
    body = replace(made.body, reply_to=HERS.recipient().raw, message_key=key, language="es")
    return replace(made, body=body)


def addition(number: int, group: str, answers: dict[str, Answer]) -> Entry:
    """Return what she added."""
    body = AdditionBody(
        answers=answers,
        digest=small().digest,
        evidence=(),
        group=group,
        keeper="",
        language="es",
        people=(),
        refer=(),
        unscripted=False,
        version="1",
    )
    made = replace(report(), kind="message", id=f"{number:032x}", body=body, seen=(report().id,))
    return authenticate(made, HERS.message_key("inv"))


def letters(desk: WebDesk) -> list[Entry]:
    """Return what her words open of what the office sent, oldest first."""
    found = [one for one in desk.shelf.sealed.values() if one.kind == "reply"]
    sent = [desk.shelf.witness[one.entry] for one in found]
    return [
        opening.open_letter(
            wire.Sealed(one.case, one.entry, "reply", one.day, "witness", header, one.payload),
            HERS,
            small(),
        )
        for one, header in zip(found, sent, strict=True)
    ]


@pytest.fixture
def open_desk(desk: WebDesk) -> WebDesk:
    """Fetch the report, without acknowledging it."""
    desk.services.vault.set("acknowledge", "off")
    desk.shelf.put(report(), TODAY, desk.key)
    desk.post("/sync")
    return desk


def path(more: str = "") -> str:
    """Return an address of the case."""
    return f"/case/{CASE}{more}"


def test_case_shows_all_in_order_with_what_is_missing(open_desk: WebDesk) -> None:
    """Report first, each addition after what its writer had seen."""
    for number, text in ((5, "second"), (4, "first")):
        open_desk.shelf.put(addition(number, "incident", {"care": text}), TODAY, open_desk.key)
    lost = replace(addition(6, "incident", {"care": "third"}), seen=(report().id, "ab" * 16))
    lost = authenticate(lost, HERS.message_key("inv"))
    open_desk.shelf.put(lost, TODAY, open_desk.key)
    open_desk.post("/sync")
    page = open_desk.text(path())
    assert page.index("They took the list") < page.index("first") < page.index("second")
    assert page.index("second") < page.index("third")
    assert "1 entry that somebody here had read before writing is not here" in page


def test_forged_addition_stands_apart_with_its_reason(open_desk: WebDesk) -> None:
    """It moves nothing, and what is right is there."""
    forged = authenticate(addition(4, "incident", {"care": "sturgeon"}), b"x" * 32)
    open_desk.shelf.put(forged, TODAY, open_desk.key)
    open_desk.post("/sync")
    page = open_desk.text(path())
    assert "not written by who it says" in page
    assert "They took the list" in page
    assert "sturgeon" not in page


def test_way_to_reach_her_and_her_instructions_stand_beside_it(open_desk: WebDesk) -> None:
    """As she said them last; never in a list."""
    told: dict[str, Answer] = {
        "contact": "555 000", "channel": "call", "say-you-are": "a friend of Ana",
        "silent-days": "10 days", "then-tell": "my sister", "then-allow": ("use", "alert"),
    }  # fmt: skip
    open_desk.shelf.put(addition(4, "contact", told), TODAY, open_desk.key)
    open_desk.post("/sync")
    page = open_desk.text(path())
    reach = page[page.index("Reaching the person") : page.index("Clocks")]
    for said in ("555 000", "A call", "a friend of Ana", "10 days", "my sister", "Use the report"):
        assert said in reach
    assert "555" not in open_desk.text("/")


def test_way_to_reach_her_is_no_title_even_where_her_report_is_missing(desk: WebDesk) -> None:
    """What she added may come alone: a list still shows none of it."""
    desk.shelf.put(addition(4, "contact", {"contact": "555 000"}), TODAY, desk.key)
    desk.post("/sync")
    page = desk.text("/")
    assert "(nothing written)" in page
    assert "555" not in page


def test_answer_in_own_words_after_a_template_reaches_her(open_desk: WebDesk) -> None:
    """In her language, with what is asked for, sealed to her words."""
    answer = open_desk.post(
        path("/reply"), template="received", text="¿Dónde fue?", ask=["persons", "bogus"]
    )
    assert answer.status_code == 303
    (letter,) = letters(open_desk)
    assert letter.body == MessageBody(("persons",), "Se abrió.\n\n¿Dónde fue?")
    page = open_desk.text(path())
    assert "¿Dónde fue?" in page
    assert "Asks for: The persons it happened to" in page
    assert "answered" in open_desk.text(path("/custody"))


def test_acknowledgement_is_sent_once(open_desk: WebDesk) -> None:
    """The button goes away, and a second press says why."""
    assert "Say that it was opened" in open_desk.text(path())
    open_desk.post(path("/acknowledge"))
    assert [letter.body for letter in letters(open_desk)] == [MessageBody((), "Se abrió.")]
    assert "Say that it was opened" not in open_desk.text(path())
    assert "answered already" in words(open_desk.post(path("/acknowledge")).text)
    assert len(letters(open_desk)) == 1


@pytest.mark.parametrize(
    ("more", "fields", "said"),
    [
        ("/reply", {"template": "own", "text": " "}, "nothing to say"),
        ("/reply", {"template": "none", "text": "x"}, "no such template"),
        ("/reply", {"text": "x" * 70_000}, "too long"),
        ("/work", {"status": "won"}, "does not know"),
        ("/work", {"status": "closed", "reason": " "}, "say why the case is closed"),
        ("/work", {"tags": ",".join(f"t{n}" for n in range(60))}, "too many tags"),
        ("/work", {"assigned": "x" * 400}, "too long"),
        ("/own", {"text": ""}, "the note is empty"),
    ],
)
def test_what_may_not_be_is_a_sentence(
    open_desk: WebDesk, more: str, fields: dict[str, str], said: str
) -> None:
    """And nothing is kept or sent."""
    answer = open_desk.post(path(more), **fields)
    assert answer.status_code == 400
    assert said in words(answer.text).lower()
    assert len(open_desk.shelf.sealed) == 1


def test_work_is_told_to_the_office_and_only_what_changed(open_desk: WebDesk) -> None:
    """Sent at once where there is a line; the same again says nothing."""
    fields = {"status": "acting", "assigned": "Ben", "tags": "a, b ,a", "text": "call"}
    open_desk.post(path("/work"), **fields)
    open_desk.post(path("/work"), **{**fields, "text": ""})
    notes = [one for one in open_desk.shelf.sealed.values() if one.kind == "note"]
    assert len(notes) == 1
    page = open_desk.text(path())
    for said in ("Being acted on", "Ben", "call", "Note of the office, by Ana"):
        assert said in page
    open_desk.post(path("/work"), **{**fields, "tags": "b", "text": ""})
    assert "Tag taken away a" in open_desk.text(path())
    assert letters(open_desk) == []


def test_own_notes_never_leave_the_vault(open_desk: WebDesk) -> None:
    """They are shown here and sent nowhere."""
    open_desk.post(path("/own"), text="my <b>own</b> thought")
    assert "my <b>own</b> thought" in open_desk.text(path())
    open_desk.post("/sync")
    assert len(open_desk.shelf.sealed) == 1


def test_custody_log_is_verified_and_a_broken_one_is_said(open_desk: WebDesk) -> None:
    """Who fetched, opened and looked, and when."""
    open_desk.get(path())
    page = open_desk.text(path("/custody"))
    assert "Whole." in page
    for what in ("fetched", "opened", "shown", "Ana", "2026-11-24T18:00:00Z"):
        assert what in page
    with open_desk.services.vault.use() as opened, opened.database.write():
        opened.database.run("UPDATE custody SET who = 'Eve' WHERE number = 2")
    assert "Link 2 of the custody log is broken" in open_desk.text(path("/custody"))


def test_each_look_leaves_a_link(open_desk: WebDesk) -> None:
    """Also the second."""
    for _ in range(2):
        open_desk.get(path())
    with open_desk.services.vault.use() as opened:
        links = custody.links(opened.database, CASE)
    assert [link.what for link in links] == ["fetched", "opened", "shown", "shown"]


def test_somebody_without_a_way_back_is_not_answered_but_worked_on(desk: WebDesk) -> None:
    """And nothing of it is due."""
    desk.shelf.put(entries.report(), TODAY, desk.key)
    desk.post("/sync")
    page = desk.text(path())
    assert "This person wanted no way back" in page
    assert "Send the answer" not in page
    assert "acknowledge by" not in desk.text("/")
    desk.post(path("/work"), status="acting")
    assert "Being acted on" in desk.text("/")


@pytest.mark.parametrize("case", ["f" * 32, "x", "..", "%00", "0" * 5000])
def test_case_that_is_not_here_is_said(open_desk: WebDesk, case: str) -> None:
    """For each of its addresses."""
    for more in ("", "/custody"):
        assert open_desk.get(f"/case/{case}{more}").status_code in (400, 404)
    assert open_desk.post(f"/case/{case}/own", text="x").status_code in (400, 404)
