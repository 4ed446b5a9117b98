"""What a witness without script reads of her case's letters, answers and deletes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import msgspec
import pytest

from intake.core.entry import AdditionBody, Entry, MessageBody
from intake.core.limits import KIB
from intake.crypto.derive import authenticate
from intake.server import nojs
from intake.server.app import make_app
from intake.wordlists import wordlist
from tests.server.conftest import MakeSite, sites  # noqa: F401 - a fixture
from tests.server.test_case import TOKEN, Witness, additions, read
from tests.server.test_keeper import choose, renew
from tests.support.conversation import (
    OFFICE,
    Filed,
    alter,
    copy_over,
    drop,
    move,
    put,
    relabel,
    swap,
)
from tests.support.site import Page, Site

GAP = "wrote before this was not given to you by this server"
ALTERED = "was altered on the way"
CLOSED = "your words do not open"
FORGED = "written by somebody else than the office it names"
MISPLACED = "belongs to another case, office or place"
CANARY = "canary-of-a-letter"


@pytest.fixture
def filed(site: Site) -> Filed:
    """Return a case for an office, one that it reads for, and another."""
    return Filed.at(site, OFFICE, "dhs-crcl", "children")


def witness(filed: Filed, language: str = "en") -> Witness:
    """Return who has the words."""
    return Witness(filed.site, filed.words, language)


def look(filed: Filed) -> str:
    """Return the page of the case."""
    answer = filed.site.post("/en/return", [("words", filed.words)])
    assert answer.status_code == 200, answer.text
    return answer.text


def wrote(filed: Filed, count: int = 3, office: str = OFFICE) -> list[str]:
    """Let an office write so many letters, each after the ones before; return their ids."""
    seen = [filed.keys.entry("report", office)]
    names = []
    for number in range(1, count + 1):
        text = MessageBody((), f"Letter {number} of {office}.")
        sent = filed.reply(number, office, body=text, seen=tuple(sorted(seen)))
        assert filed.send(sent, "children" if office == "children" else OFFICE) == 204
        seen.append(sent.id)
        names.append(sent.id)
    return names


def test_letters_are_shown_in_order_with_office_and_day(filed: Filed) -> None:
    """Each after what its writer had seen, whatever the ids; and the day of the first answer."""
    first = filed.reply(9, body=MessageBody((), "We have it."))
    second = filed.reply(1, body=MessageBody((), "Where?"), seen=(*first.seen, first.id))
    assert filed.send(second) == filed.send(first) == 204
    page = look(filed)
    assert page.index("We have it.") < page.index("Where?")
    assert "Written on November 25, 2026:" in page
    assert "Its first answer is of November 25, 2026." in page
    assert GAP not in page
    assert "Something arrived" not in page
    assert "No answer yet." not in page


def test_looking_notes_the_day_of_fetching(filed: Filed) -> None:
    """Only what was fetched can be deleted."""
    (name,) = wrote(filed, 1)
    (before,) = filed.site.services.cases.behind(filed.keys.mailbox()).mail
    look(filed)
    (after,) = filed.site.services.cases.behind(filed.keys.mailbox()).mail
    assert (before.fetched, after.fetched) == (None, filed.site.services.today())
    assert after.entry == name


def test_empty_mailbox_says_when_each_office_reads(filed: Filed) -> None:
    """No promise is made."""
    page = look(filed)
    assert "No answer yet." in page
    hours = filed.site.services.programme.hours(OFFICE, "en")
    assert hours
    assert page.count(hours) >= 2
    assert "They took the list of names." not in page


def test_questions_asked_are_buttons_to_their_pages(filed: Filed) -> None:
    """With the asking office ticked, and it alone; an unknown group of a hostile office is none."""
    asks = ("detained", "nonsense", "report", "detained")
    assert filed.send(filed.reply(body=MessageBody(asks, "Please tell us."))) == 204
    page = Page.of(look(filed))
    asked = [a for tag, a in page.tags if tag == "button" and a.get("name") == "group"]
    assert_end_is_last(page)
    names = [a["value"] for a in asked]
    assert names[:2] == ["detained", "answer"]
    assert not {"nonsense", "report"} & set(names)
    for group in ("detained", "answer"):
        asked_page = witness(filed).post("ask", [("group", group), ("office", OFFICE)])
        assert ticked(asked_page) == [OFFICE]
    assert ticked(witness(filed).post("ask", [("group", "answer"), ("office", "x")])) == [OFFICE]
    others = witness(filed).post("ask", [("group", "answer"), ("office", "children")])
    assert ticked(others) == ["children"]


def assert_end_is_last(page: Page) -> None:
    """What a button sends stands where the button stands, and after the end it is cut off."""
    ended = False
    for tag, a in page.tags:
        ended = tag != "form" and (ended or a.get("name") == "end")
        assert not (ended and tag == "button" and a.get("name"))


def ticked(page: Page) -> list[str]:
    """Return the offices that are ticked on a group's page."""
    boxes = [a for tag, a in page.tags if tag == "input" and a.get("name") == "office"]
    return [str(a["value"]) for a in boxes if "checked" in a]


def test_answer_names_the_letters_that_she_had_read(filed: Filed) -> None:
    """Those of that office, and not those that failed, nor one that came since."""
    one, two, _ = wrote(filed)
    other = filed.reply(7, "children")
    assert filed.send(other, "children") == 204
    alter(filed, two)
    look(filed)
    late = filed.reply(8)
    assert filed.send(late) == 204
    group = [("group", "answer"), ("number", "0"), ("token", TOKEN), ("do", "send")]
    told = [("message", "At the bridge."), ("office", OFFICE)]
    witness(filed).post("add", [*group, *told])
    session = filed.site.services.mail.fetched(filed.keys.mailbox())
    drop_letters(filed, [item.entry for item in session if item.entry != one])
    (message,) = [e for e in read(filed.site, OFFICE) if e.kind == "message"]
    assert one in message.seen
    assert not {two, other.id, late.id} & set(message.seen)
    assert [body.group for body in additions([message])] == ["answer"]


def drop_letters(filed: Filed, names: list[str]) -> None:
    """Leave letters out, whose altered bytes an office would stumble over."""
    for name in names:
        drop(filed, name)


def test_withdrawn_office_can_be_read_and_not_answered(filed: Filed) -> None:
    """What it wrote to her stays hers."""
    wrote(filed, 1, "children")
    witness(filed).end("withdraw", "children")
    page = look(filed)
    assert "Letter 1 of children." in page
    assert "Answer: " not in page
    assert "Delete this answer here" in page


def test_deletion_is_asked_about_first_and_leaves_no_gap(filed: Filed) -> None:
    """The office keeps what it wrote; sent twice, it is deleted once."""
    one, two, three = wrote(filed)
    look(filed)
    asked = filed.site.post("/en/discard", [("words", filed.words), ("entry", two)])
    assert "You cannot read it again then" in asked.text
    assert "Letter 2" not in asked.text
    assert "Letter 2 of" in look(filed)
    fields = [("words", filed.words), ("entry", two), ("sure", "yes")]
    for _ in range(2):
        done = filed.site.post("/en/discard", fields)
        assert done.status_code == 200
        assert "It is deleted here. The office keeps what it wrote." in done.text
        assert "Letter 2 of" not in done.text
        assert GAP not in done.text
    page = look(filed)
    assert "Letter 1 of" in page
    assert "Letter 3 of" in page
    kept = [entry.id for entry in read(filed.site, OFFICE) if entry.kind == "reply"]
    assert kept == [one, two, three]


@pytest.mark.parametrize(
    ("entry", "sure", "status"),
    [("f" * 32, "", 404), ("f" * 32, "yes", 404), ("x", "yes", 400), ("\udc80", "yes", 400)],
)
def test_letter_that_is_none_is_not_deleted(
    filed: Filed, entry: str, sure: str, status: int
) -> None:
    """The page of the case is given back, with what stands there."""
    wrote(filed, 1)
    fields = [("words", filed.words), ("entry", entry.encode(errors="replace").decode())]
    answer = filed.site.post("/en/discard", [*fields, ("sure", sure)])
    assert answer.status_code == status
    assert "Letter 1 of" in answer.text


def test_discard_takes_only_forms(filed: Filed) -> None:
    """Back and reload start at the words."""
    answer = filed.site.client.get("/en/discard")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/return")


def test_stranger_deletes_nothing(filed: Filed) -> None:
    """Another case's words do not reach it."""
    (name,) = wrote(filed, 1)
    look(filed)
    other = Filed.at(filed.site)
    fields = [("words", other.words), ("entry", name), ("sure", "yes")]
    assert filed.site.post("/en/discard", fields).status_code == 404
    assert "Letter 1 of" in look(filed)


def test_new_words_read_what_was_written_before_and_after_them(filed: Filed) -> None:
    """Sealed to the first words, which the new ones give; her answers name both."""
    wrote(filed, 1)
    choose(witness(filed))
    renewed = renew(filed.site)
    assert filed.send(filed.reply(2, body=MessageBody((), "Written since."))) == 204
    page = filed.site.post("/en/return", [("words", renewed.words)]).text
    assert "Letter 1 of" in page
    assert "Written since." in page
    renewed.add("answer", [("message", "Yes.")])
    (answer,) = [e for e in read(filed.site, OFFICE) if "message" in answers_of(e)]
    assert {f"{1:032x}", f"{2:032x}"} <= set(answer.seen)
    done = renewed.post("discard", [("entry", f"{1:032x}"), ("sure", "yes")])
    assert "Letter 1 of" not in done.text


def answers_of(entry: Entry) -> Mapping[str, object]:
    """Return the answers of an addition, or of nothing."""
    return entry.body.answers if isinstance(entry.body, AdditionBody) else {}


# A hostile server.


def test_letter_left_out_in_the_middle_is_missed(filed: Filed) -> None:
    """The newest left out is not: nobody has named it."""
    names = wrote(filed)
    drop(filed, names[1])
    page = look(filed)
    assert page.count(GAP) == 1
    assert page.index(GAP) > page.index("Letter 1 of")
    assert page.index(GAP) < page.index("Letter 3 of")
    drop(filed, names[2])
    assert GAP not in look(filed)


@pytest.mark.parametrize(
    ("play", "said", "shown"),
    [
        (alter, ALTERED, ("2", "3")),
        (swap, MISPLACED, ("3",)),
        (copy_over, MISPLACED, ("1", "3")),
        (relabel, MISPLACED, ("2", "3")),
    ],
)
def test_letter_that_a_server_changed_is_set_aside(
    filed: Filed, play: Callable[[Filed, str, str], None], said: str, shown: tuple[str, ...]
) -> None:
    """With its reason; the others are read all the same, and no gap is made of it."""
    one, two, _ = wrote(filed)
    play(filed, one, two)
    page = look(filed)
    assert said in page
    assert [n for n in "123" if f"Letter {n} of {OFFICE}." in page] == list(shown)
    assert GAP not in page


def test_letter_moved_to_another_case_is_set_aside_there(filed: Filed) -> None:
    """Sealed to other words, it does not even open."""
    one, _, _ = wrote(filed)
    move(filed, one)
    page = look(filed)
    assert "Letter 1 of" not in page
    assert page.count(GAP) == 1


def test_letter_of_another_witness_opens_not(filed: Filed) -> None:
    """What is sealed to other words stands in her mail."""
    other = Filed.at(filed.site, OFFICE)
    made = other.sealed(other.reply(4))
    assert filed.send(filed.reply(4), witness=made.witness, payload=made.payload) == 204
    wrote(filed, 1)
    page = look(filed)
    assert CLOSED in page
    assert "Letter 1 of" in page


# A hostile office of the same case.


def test_letter_in_another_offices_name_is_set_aside(filed: Filed) -> None:
    """It has the witness's recipient, as every office, and not the key of another."""
    forged = filed.reply(5, "children", body=MessageBody((), "Come alone."))
    own = filed.keys.message_key("dhs-crcl")
    assert filed.send(authenticate(forged, own)) == 204
    wrote(filed, 1)
    page = look(filed)
    assert FORGED in page
    assert "Come alone." not in page
    assert "Letter 1 of" in page


def test_letter_of_one_case_replayed_to_another_is_set_aside(filed: Filed) -> None:
    """Of the same witness or sealed anew to another: the case inside differs."""
    other = Filed.at(filed.site, OFFICE)
    replayed = filed.reply(6, body=MessageBody((), "Said in another case."))
    sealed = other.sealed(replayed)
    assert other.send(other.reply(6), witness=sealed.witness, payload=sealed.payload) == 204
    page = look(other)
    assert MISPLACED in page
    assert "Said in another case." not in page


def test_letter_may_hold_any_text(filed: Filed) -> None:
    """It is shown as text."""
    text = "<script>alert(1)</script>\n" + "ñ" * (20 * KIB)
    assert filed.send(filed.reply(body=MessageBody((), text))) == 204
    page = look(filed)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_message_of_hers_that_is_put_into_her_mail_is_not_shown(filed: Filed) -> None:
    """Nothing that she wrote is shown back."""
    put(filed, filed.reply(3, kind="note", direction="own", office=OFFICE))
    assert "Reply 3" not in look(filed)


# Words.


def test_four_letters_of_each_word_are_enough_in_any_language(filed: Filed) -> None:
    """On a page of another language, too; the page of return says so."""
    words = nojs.words(filed.draft)
    wrote(filed, 1)
    for code in ("en", "es", "fr"):
        written = (normalize("NFC", word) for word in words.words(wordlist(code)))
        short = " ".join(word[:4].upper() for word in written)
        fields = [("words", short), ("list", code)]
        assert "Letter 1 of" in filed.site.post("/en/return", fields).text
        for chosen in ("", "pt", "en"):  # what was chosen beside them may be another language
            fields = [("words", short), ("list", chosen)]
            assert "Letter 1 of" in filed.site.post("/en/return", fields).text, (code, chosen)
    assert (
        "The first four letters of each word are enough."
        in filed.site.client.get("/en/return").text
    )


def test_words_of_another_programme_open_nothing_and_it_is_said(
    filed: Filed,
) -> None:
    """They are words, and open nothing here."""
    services = filed.site.services
    another = msgspec.structs.replace(services.programme, id="another")
    other = replace(services, programme=another)
    site = Site(other, make_app(other).test_client(), filed.site.identities)
    answer = site.post("/en/return", [("words", filed.words)])
    assert answer.status_code == 404
    assert "Nothing has arrived under these words." in answer.text
    assert "at another address" in answer.text


# Where nothing is sealed or opened for pages without script.


def test_letters_are_not_opened_where_nothing_is_sealed_without_script(
    sites: MakeSite,  # noqa: F811 - pytest's way
) -> None:
    """The page says that there is one; it stays unread, and cannot be deleted here."""
    filed = Filed.at(sites())
    services = filed.site.services
    off = replace(services, config=replace(services.config, seal_without_script=False))
    closed = replace(filed, site=Site(off, make_app(off).test_client(), filed.site.identities))
    assert "No answer yet." in look(closed)
    (name,) = wrote(filed, 1)
    page = look(closed)
    assert "opens it only with JavaScript on" in page
    assert "Letter 1" not in page
    (mail,) = services.cases.behind(filed.keys.mailbox()).mail
    assert mail.fetched is None
    fields = [("words", filed.words), ("entry", name), ("sure", "yes")]
    assert closed.site.post("/en/discard", fields).status_code == 503


def test_no_word_of_a_letter_is_kept_or_logged(
    filed: Filed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by reading nor by answering it."""
    assert filed.send(filed.reply(body=MessageBody((), CANARY))) == 204
    assert CANARY in look(filed)
    services = filed.site.services
    for path in (tmp_path, Path(services.config.keys).parent):
        for file in path.rglob("*"):
            assert not file.is_file() or CANARY.encode() not in file.read_bytes(), file
    assert CANARY not in caplog.text
