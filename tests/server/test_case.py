"""A case after its filing: additions, offices that join or are taken back, deletion, closing."""

import gzip
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from intake.cli.opener import Found, open_one
from intake.core import limits, receipt
from intake.core.entry import AdditionBody, Entry, Outer, ReportBody, in_order
from intake.core.questions import BY_NAME, GROUPS, UNDESCRIBED
from intake.crypto import opening
from intake.crypto.derive import WitnessKeys
from intake.errors import ServerError
from intake.server.app import make_app
from intake.store.database import Database
from intake.wordlists import wordlist
from tests.server.test_api import at
from tests.support.site import KEYS_UNTIL, TODAY, Fields, Page, Site

OFFICES = ("investigators", "children", "dhs-oig")
TOKEN = "A" * 22
REPORT = [
    ("account", "They took us off the bus."),
    ("agency", "cbp"),
    ("child", "yes"),
]


@dataclass
class Witness:
    """Somebody with ten words, on a site whose day can change."""

    site: Site
    words: str
    language: str = "en"

    def post(self, path: str, fields: Fields) -> Page:
        """Send a form that must succeed; return the page."""
        answer = self.site.post(f"/{self.language}/{path}", [("words", self.words), *fields])
        assert answer.status_code == 200, answer.text
        return Page.of(answer.text)

    def add(self, group: str, fields: Fields, offices: Sequence[str] = ("investigators",)) -> Page:
        """Open the page of a group, fill it in and send it."""
        asked = self.post("ask", [("group", group)])
        told = [("office", office) for office in offices]
        hidden = [(name, asked.value(name)) for name in ("number", "token")]
        head = [("group", group), *hidden, ("do", "send")]
        return self.post("add", [*head, *fields, *told])

    def end(self, what: str, office: str = "", number: str = "0") -> Page:
        """Take something back."""
        return self.post("end", [("what", what), ("office", office), ("number", number)])


def come(site: Site, offices: Sequence[str] = OFFICES) -> Witness:
    """File a report for these offices and come back with its words."""
    review = site.review(REPORT)
    kept = [(name, value) for name, value in review.fields if name not in ("office", "end")]
    site.post("/en/send", [*kept, *(("office", office) for office in offices)])
    return Witness(site, " ".join(review.words))


def read(site: Site, reader: str) -> list[Entry]:
    """Return what a keyed office opens of everything it may fetch, in the order of writing."""
    session = at(site).log_in(reader, site.identities[reader])
    entries = []
    for item in session.items():
        sealed = session.entry(item)
        outer = Outer(sealed.case, sealed.kind, reader, item)
        found = Found(sealed.header, sealed.payload, outer)
        identities = [site.identities[reader]]
        entries.append(open_one(found, identities, site.services.programme))
    for entry in entries:
        assert opening.check_author(entry, entries)
    return in_order(entries)


def additions(entries: Sequence[Entry]) -> list[AdditionBody]:
    """Return the bodies of what was added."""
    return [entry.body for entry in entries if isinstance(entry.body, AdditionBody)]


def on(site: Site, day: date) -> Site:
    """Return the same site on another day."""
    services = replace(site.services, today=lambda: day)
    return Site(services, make_app(services).test_client(), site.identities)


@pytest.mark.parametrize("group", [group.name for group in GROUPS])
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_group_has_a_page_with_its_questions(site: Site, group: str, language: str) -> None:
    """Each question has a field, and beside it the three ways out."""
    witness = replace(come(site), language=language)
    page = witness.post("ask", [("group", group)])
    known = next(g for g in GROUPS if g.name == group)
    names = {attributes.get("name") for _, attributes in page.tags}
    for question in known.questions:
        assert question.name in names
        beside = "" if question.is_choice else "_without"
        assert question.required or question.name + beside in names
    assert all(f"person-0-{question.name}" in names for question in known.people)
    assert all(f"children-{question.name}" in names for question in known.per_office)


@pytest.mark.parametrize("group", [group.name for group in GROUPS])
def test_page_of_a_group_is_small(site: Site, group: str) -> None:
    """At most 12 kB compressed, in the longer language; no script, nothing from elsewhere."""
    witness = replace(come(site), language="es")
    answer = site.post("/es/ask", [("words", witness.words), ("group", group)])
    assert len(gzip.compress(answer.data)) <= 12_000
    tags = Page.of(answer.text).tags
    assert not any(tag in ("script", "img", "iframe") for tag, _ in tags)
    links = [a["href"] for tag, a in tags if tag == "link"]
    assert links == ["data:,", "/style.css"]


def test_addition_reaches_the_offices_ticked_and_no_other(site: Site) -> None:
    """Each gets its own sealed entry; what an office never asked for it does not get."""
    witness = come(site)
    page = witness.add("harm", [("harms", "body"), ("harms", "separation"), ("care", "A nurse.")])
    assert "Kept: What it did to you or them." in page.text
    assert "added" in page.text
    found = additions(read(site, "investigators"))
    assert [body.group for body in found] == ["harm"]
    assert found[0].answers == {"harms": ("body", "separation"), "care": "A nurse."}
    assert additions(read(site, "children")) == []


def test_persons_are_added_and_removed_without_script(site: Site) -> None:
    """What was typed stays with its person, whoever is added or taken away."""
    witness = come(site)
    head = [("group", "persons"), ("number", "0"), ("token", TOKEN)]
    one = [*head, ("person-0-alias", "Ana"), ("office", "investigators")]
    page = witness.post("add", [*one, ("do", "more")])
    assert page.value("person-0-alias") == "Ana"
    assert page.value("person-1-alias") == ""
    two = [*one, ("person-1-alias", "Luis"), ("person-2-alias", "Eva")]
    page = witness.post("add", [*two, ("do", "drop-1")])
    assert [page.value(f"person-{i}-alias") for i in (0, 1)] == ["Ana", "Eva"]
    assert not any(name.startswith("person-2-") for name, _ in page.fields)
    assert ("office", "investigators") in page.fields
    witness.post("add", [*two, ("do", "send")])
    assert [p["alias"] for p in additions(read(site, "investigators"))[0].people] == [
        "Ana",
        "Luis",
        "Eva",
    ]


def test_acts_are_counted_by_person(site: Site) -> None:
    """Each person carries what was done to her."""
    people = [
        ("person-0-relation", "self"),
        ("person-0-acts", "kidnapping"),
        ("person-0-acts", "beating"),
        ("person-1-relation", "family"),
        ("person-1-acts", "kidnapping"),
    ]
    come(site).add("persons", people)
    found = additions(read(site, "investigators"))[0].people
    assert sum(len(person["acts"]) for person in found) == 3


@pytest.mark.parametrize(
    ("relation", "age", "is_taken"),
    [
        ("self", "30", True),
        ("in-my-care", "3", True),
        ("in-my-care", "3 years", True),
        ("in-my-care", "about five", False),
        ("in-my-care", "sixteen", False),
        ("in-my-care", "12", False),
        ("in-my-care", "2009-03-04", False),
        ("in-my-care", "17,5", False),
        ("in-my-care", "\u0661\u0666", False),
        ("in-my-care", "", False),
        ("family", "3", False),
        ("client", "40", False),
        ("", "3", False),
    ],
)
def test_yes_is_taken_only_for_oneself_and_small_children(
    site: Site,
    relation: str,
    age: str,
    is_taken: bool,  # noqa: FBT001 - what the case expects
) -> None:
    """For all others the office asks them; what was typed is not lost."""
    witness = come(site)
    fields = [
        ("words", witness.words),
        ("group", "persons"),
        ("number", "0"),
        ("token", TOKEN),
        ("do", "send"),
        ("person-0-relation", relation),
        ("person-0-age", age),
        ("person-0-agrees", "investigate"),
        ("office", "investigators"),
    ]
    answer = site.post("/en/add", fields)
    assert answer.status_code == (200 if is_taken else 422)
    if not is_taken:
        page = Page.of(answer.text)
        assert page.text.count("You can say yes only for yourself") == 2
        assert page.value("person-0-age") == age
    assert len(additions(read(site, "investigators"))) == is_taken


def test_each_office_learns_only_its_own_consent_and_a_name_only_with_a_yes(site: Site) -> None:
    """One hides the name, one may use it, one is told nothing."""
    told = [
        ("name", "Rosa M."),
        ("investigators-identity", "open"),
        ("investigators-purposes", "publish"),
        ("children-identity", "anonymous"),
        ("children-purposes", "refer"),
    ]
    come(site).add("consent", told, ())
    mine = {e.office: e.body for e in read(site, "investigators") if e.kind == "message"}
    assert set(mine) == {"investigators"}
    assert additions(read(site, "investigators"))[0].answers == {
        "name": "Rosa M.",
        "identity": "open",
        "purposes": ("publish",),
    }
    assert additions(read(site, "children"))[0].answers == {
        "identity": "anonymous",
        "purposes": ("refer",),
    }


def test_what_nobody_wants_to_describe_is_kept_nowhere_and_leads_to_help(site: Site) -> None:
    """The reader sees "not asked", the same as of a question left open."""
    witness = come(site)
    page = witness.add(
        "incident",
        [("place-kind", UNDESCRIBED), ("method_without", UNDESCRIBED), ("said_without", "unknown")],
    )
    assert "After sexual violence" in page.text
    assert additions(read(site, "investigators"))[0].answers == {"said": ("unknown",)}
    quiet = witness.add("incident", [("facility", "The bridge")])
    assert "After sexual violence" not in quiet.text


def test_text_typed_counts_before_the_choice_beside_it(site: Site) -> None:
    """Nothing typed is lost because of a tick."""
    come(site).add("incident", [("facility", "The bridge"), ("facility_without", "unknown")])
    assert additions(read(site, "investigators"))[0].answers == {"facility": "The bridge"}


def test_sending_twice_keeps_one_and_another_text_is_a_conflict(site: Site) -> None:
    """A double tap is one addition; from a second tab the text comes back, to be sent anew."""
    witness = come(site)
    fields = [
        ("words", witness.words),
        ("group", "harm"),
        ("number", "0"),
        ("token", TOKEN),
        ("do", "send"),
        ("care", "First"),
        ("office", "investigators"),
    ]
    assert [site.post("/en/add", fields).status_code for _ in range(3)] == [200, 200, 200]
    other = [(name, "Second" if name == "care" else value) for name, value in fields]
    answer = site.post("/en/add", other)
    page = Page.of(answer.text)
    assert answer.status_code == 409
    assert page.value("care") == "Second"
    assert page.value("number") == "1"
    again = [(name, "1" if name == "number" else value) for name, value in other]
    assert site.post("/en/add", again).status_code == 200
    assert [body.answers["care"] for body in additions(read(site, "investigators"))] == [
        "First",
        "Second",
    ]


def test_a_case_grown_over_three_months_opens_in_order_and_a_withdrawn_office_sees_no_more(
    site: Site,
) -> None:
    """Ten additions; half-way one office is taken back, after it had read the first five."""
    words = come(site).words
    for step in range(10):
        today = TODAY + timedelta(days=9 * step)
        witness = Witness(on(site, today), words)
        if step == 5:
            assert len(additions(read(on(site, today), "children"))) == 5
            page = witness.end("withdraw", "children")
            assert "The office is asked to stop" in page.text
        holders = ("investigators", "children")[: 2 if step < 5 else 1]
        witness.add("harm", [("care", f"Version {step}")], holders)
    later = on(site, TODAY + timedelta(days=90))
    entries = [e for e in read(later, "investigators") if e.office == "investigators"]
    assert [e.body.answers["care"] for e in entries if isinstance(e.body, AdditionBody)] == [
        f"Version {step}" for step in range(10)
    ]
    assert [e.date for e in entries] == sorted(e.date for e in entries)
    for place, entry in enumerate(entries):
        assert set(entry.seen) == {other.id for other in entries[:place]}
    session = at(later).log_in("children", site.identities["children"])
    left = [session.entry(item) for item in session.items()]
    assert [sealed.kind for sealed in left] == ["message"]  # that it was taken back


def test_unread_office_is_removed_without_a_trace_to_read(site: Site) -> None:
    """What was never fetched is gone: payload, header and any notice."""
    witness = come(site)
    page = witness.end("withdraw", "children")
    assert "It is removed." in page.text
    session = at(site).log_in("children", site.identities["children"])
    assert list(session.items()) == []
    assert len(read(site, "investigators")) == 2  # its own and that for dhs-oig
    assert "Taken back." in witness.post("return", []).text
    assert "This office gets nothing more." in witness.end("withdraw", "children").text


@pytest.mark.parametrize(
    ("language", "hours"), [("en", "Read on working days."), ("es", "Se lee en días hábiles.")]
)
def test_hours_of_reading_stand_on_form_receipt_and_return(
    site: Site, language: str, hours: str
) -> None:
    """Once for each office that is read then, by itself or another; not for one taken back.

    And once more beside what says that no answer came yet.
    """
    review = site.review(REPORT, language)
    shown = {"investigators", "dhs-crcl"}
    kept = [(name, value) for name, value in review.fields if name not in ("office", "end")]
    offered = sum(
        site.services.programme.office(o).read_by == "investigators" for o in offices_of(review)
    )
    assert review.text.count(hours) == offered > 1
    fields = [*kept, *(("office", office) for office in (*shown, "children"))]
    sent = Page.of(site.post(f"/{language}/send", fields).text)
    assert sent.text.count(hours) == 1  # one reader, named once
    witness = Witness(site, " ".join(review.words), language)
    assert witness.post("return", []).text.count(hours) == 2 * len(shown)
    assert witness.end("withdraw", "dhs-crcl").text.count(hours) == 1


def offices_of(page: Page) -> list[str]:
    """Return the offices that a page offers."""
    return [str(at["value"]) for _, at in page.tags if at.get("name") == "office"]


def test_served_office_is_taken_back_alone(site: Site) -> None:
    """Its reader keeps its own copy and is told about the other."""
    witness = come(site)
    read(site, "investigators")
    witness.end("withdraw", "dhs-oig")
    session = at(site).log_in("investigators", site.identities["investigators"])
    sealed = [session.entry(item) for item in session.items()]
    assert sorted(one.kind for one in sealed) == ["message", "report"]
    with pytest.raises(AssertionError):
        witness.add("harm", [("care", "x")], ("dhs-oig",))


def test_withdrawn_office_cannot_be_added_to_by_a_page_left_open(site: Site) -> None:
    """409, and the text comes back."""
    witness = come(site)
    fields = [
        ("group", "harm"),
        ("number", "0"),
        ("token", TOKEN),
        ("do", "send"),
        ("care", "Kept open"),
    ]
    told = [("office", "children"), ("office", "investigators")]
    witness.end("withdraw", "children")
    answer = site.post("/en/add", [("words", witness.words), *fields, *told])
    assert answer.status_code == 409
    assert Page.of(answer.text).value("care") == "Kept open"
    assert additions(read(site, "investigators")) == []


def test_detention_makes_offices_possible_that_are_asked_about_first(site: Site) -> None:
    """Nothing is sent before the yes; who joins gets the addition, who has it may refer."""
    witness = come(site)
    fields = [("custody", "yes"), ("agency", "cbp"), ("held-at", "Dilley")]
    page = witness.add("detained", fields)
    assert "Other offices can take this now" in page.text
    assert additions(read(site, "investigators")) == []
    offered = {a["value"] for t, a in page.tags if t == "input" and a.get("name") == "joining"}
    assert {"detention", "oido"} <= offered
    assert "investigators" not in offered
    page = witness.add("detained", [*fields, ("asked", "1"), ("joining", "detention")])
    assert "Kept" in page.text
    (joined,) = read(site, "detention")
    assert isinstance(joined.body, ReportBody)
    assert joined.body.answers == {"custody": "yes", "agency": ("cbp",), "held-at": "Dilley"}
    told = additions(read(site, "investigators"))
    assert [body.refer for body in told] == [("detention",)]
    witness.add("harm", [("care", "None")], ("detention",))
    assert [body.group for body in additions(read(site, "detention"))] == ["harm"]


def test_office_that_was_not_offered_cannot_join(site: Site) -> None:
    """A changed page opens no door."""
    witness = come(site)
    fields = [
        ("words", witness.words),
        ("group", "moved"),
        ("number", "0"),
        ("token", TOKEN),
        ("do", "send"),
    ]
    fields += [("whereabouts-now", "Reynosa"), ("asked", "1"), ("joining", "oido")]
    assert site.post("/en/add", fields).status_code == 422
    assert list(at(site).log_in("detention", site.identities["detention"]).items()) == []


def test_deletion_waits_seven_days_and_can_be_cancelled(site: Site) -> None:
    """Offices are told of both; after the days nothing is left but tombstones."""
    witness = come(site)
    due = TODAY + timedelta(days=limits.DELETION_DAYS)
    assert "December 1, 2026" in witness.end("delete").text
    cases = site.services.cases
    assert cases.purge(due - timedelta(days=1)) == 0
    assert "will be deleted" in witness.post("return", []).text
    witness.end("keep")
    assert cases.purge(due) == 0
    assert [body.group for body in additions(read(site, "children"))] == ["deletion", "kept"]
    witness.end("delete", number="1")
    assert cases.purge(due) == 1
    assert site.post("/en/return", [("words", witness.words)]).status_code == 404
    assert site.count() == 0
    database = Database(Path(site.services.config.data))
    with closing(database), database.read() as connection:
        left = {
            table: connection.execute(sql(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
            for table in ("cases", "entries", "grants", "additions", "tombstones")
        }
    assert (left["cases"], left["entries"], left["grants"], left["additions"]) == (0, 0, 0, 0)
    assert left["tombstones"] > 0


def test_words_that_somebody_has_open_nothing_any_more(site: Site) -> None:
    """The offices keep the report and are told."""
    witness = come(site)
    witness.end("exposed")
    for path in ("return", "stop"):
        assert site.post(f"/en/{path}", [("words", witness.words)]).status_code == 404
    assert [body.group for body in additions(read(site, "children"))] == ["exposed"]


def test_no_way_back_means_no_words_no_recipient_and_no_mailbox(site: Site) -> None:
    """Nobody can answer, and the words of the review page open nothing and sign nothing."""
    review = site.review(REPORT)
    kept = [(n, v) for n, v in review.fields if n not in ("office", "end")]
    sent = site.post("/en/send", [*kept, ("office", "investigators"), ("back", "none")])
    page = Page.of(sent.text)
    assert page.words == []
    assert "no way back" in page.text
    assert site.post("/en/return", [("words", " ".join(review.words))]).status_code == 404
    (entry,) = read(site, "investigators")
    assert isinstance(entry.body, ReportBody)
    assert entry.body.reply_to == b""
    given = receipt.parse(" ".join(review.words), {"en": receipt.index(wordlist("en"))})
    keys = WitnessKeys.of(given, site.services.programme.id)
    assert len(entry.body.message_key) == 64
    assert entry.body.message_key != keys.message_key("investigators").hex()


def test_what_an_office_would_still_need_is_named_until_it_is_there(site: Site) -> None:
    """By the names of the groups, never by what was answered."""
    witness = come(site, ("investigators",))
    assert "What an office would still need" in witness.post("return", []).text
    witness.add("persons", [("person-0-alias", "Secret Name")])
    page = witness.add("contact", [("contact", "shelter nine")])
    assert "What an office would still need" not in page.text
    assert "Secret Name" not in page.text
    assert "shelter nine" not in page.text


def test_what_may_hold_a_name_is_preselected_for_the_fallback_alone(site: Site) -> None:
    """Whatever else holds the case."""
    witness = come(site)
    persons = witness.post("ask", [("group", "persons")])
    contact = witness.post("ask", [("group", "contact")])
    assert [v for n, v in persons.fields if n == "office"] == ["investigators"]
    harm = witness.post("ask", [("group", "harm")])
    assert [v for n, v in contact.fields if n == "office"] == ["investigators"]
    assert [v for n, v in harm.fields if n == "office"] == list(OFFICES)


def test_no_question_has_the_name_of_a_field_that_means_something_else() -> None:
    """The end mark, the words and the buttons are fields of the same forms."""
    taken = {"words", "group", "number", "do", "office", "joining", "asked", "end", "list", "what"}
    taken |= {"secret", "back", "report"}
    assert not taken & set(BY_NAME)


STRANGE = {
    "right-to-left override": "\u202egnirts",
    "emoji": "\U0001f9ff" * 40,
    "script": "<script>alert(1)</script>",
    "quotes": "\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }} %(x)s {0}",
    "impossible date": "31 February 2099",
}


@pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE)
def test_strange_text_is_kept_as_it_is_and_shown_as_text(site: Site, value: str) -> None:
    """Never a crash, never executed."""
    witness = come(site)
    lines = [(f"person-0-{name}", value) for name in ("alias", "age", "whereabouts")]
    page = witness.post(
        "add", [("group", "persons"), ("number", "0"), ("token", TOKEN), *lines, ("do", "more")]
    )
    assert page.value("person-0-alias") == value
    assert not any(tag in ("script", "img") for tag, _ in page.tags)
    witness.add("persons", lines)
    assert additions(read(site, "investigators"))[0].people[0]["age"] == value


BAD = {
    "NUL": ([("person-0-alias", "a\0b")], 422),
    "half a letter": ([("person-0-alias", "\ufffd")], 200),
    "too long": ([("person-0-alias", "x" * 301)], 422),
    "13 persons": ([(f"person-{i}-alias", "x") for i in range(13)], 422),
    "14 persons": ([(f"person-{i}-alias", "x") for i in range(14)], 422),
    "own choice not offered": ([("person-0-agrees", "green")], 422),
    "10,000 persons": ([(f"person-{i}-alias", "x") for i in range(10_000)], 413),
    "choice not offered": ([("person-0-sex", "green")], 422),
    "strange way out": ([("person-0-alias_without", "green")], 422),
    "nothing": ([("person-0-alias", "")], 422),
    "unknown field": ([("person-0-shoe", "42")], 400),
}


@pytest.mark.parametrize(("fields", "status"), BAD.values(), ids=BAD)
def test_bad_answers_get_a_clear_refusal_and_nothing_is_kept(
    site: Site, fields: Fields, status: int
) -> None:
    """What was typed comes back as far as it fits."""
    witness = come(site)
    head = [
        ("words", witness.words),
        ("group", "persons"),
        ("number", "0"),
        ("token", TOKEN),
        ("do", "send"),
    ]
    answer = site.post("/en/add", [*head, *fields, ("office", "investigators")])
    assert answer.status_code == status, answer.text[:2000]
    page = Page.of(answer.text)
    if status != 200:
        assert any(a.get("role") == "alert" for _, a in page.tags)
        assert additions(read(site, "investigators")) == []
        assert all(value in answer.text for name, value in fields if name == "person-0-alias")


SENDABLE = [("group", "harm"), ("do", "send"), ("care", "x"), ("office", "investigators")]


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("ask", [("group", "nothing")], 400),
        ("ask", [("group", "report")], 400),
        ("add", [("group", "harm"), ("number", "x"), ("token", TOKEN)], 400),
        ("add", [("group", "harm"), ("number", "999999"), ("token", TOKEN)], 400),
        ("add", [*SENDABLE, ("number", "7"), ("token", TOKEN)], 409),
        ("add", [*SENDABLE, ("number", "50"), ("token", TOKEN)], 422),
        ("add", [*SENDABLE, ("number", "0"), ("token", "short")], 400),
        ("add", [*SENDABLE, ("number", "0")], 400),
        ("end", [("what", "withdraw"), ("office", "children"), ("number", "3")], 409),
        ("end", [("what", "delete"), ("number", "3")], 409),
        ("add", [("group", "harm"), ("number", "-1"), ("token", TOKEN)], 400),
        ("end", [("what", "everything"), ("number", "0")], 422),
        ("end", [("what", "withdraw"), ("office", "nobody"), ("number", "0")], 422),
    ],
)
def test_changed_pages_are_refused(site: Site, path: str, fields: Fields, status: int) -> None:
    """Nothing is kept, and the answer is a page that goes on."""
    witness = come(site)
    answer = site.post(f"/en/{path}", [("words", witness.words), *fields])
    assert answer.status_code == status
    assert additions(read(site, "investigators")) == []


@pytest.mark.parametrize("path", ["ask", "add", "stop", "end"])
def test_wrong_words_open_nothing(site: Site, path: str) -> None:
    """Every address of a case asks for them."""
    come(site)
    fields = [("words", "0001 " * 10), ("group", "harm"), ("number", "0"), ("what", "delete")]
    wanted = {"ask": 2, "add": 3, "stop": 1, "end": 4}[path]
    known = fields[:wanted] if path != "end" else [fields[0], *fields[2:]]
    assert site.post(f"/en/{path}", known).status_code in (404, 422)


def test_office_that_withdrew_meanwhile_gets_nothing_by_a_late_fetch(site: Site) -> None:
    """Listed before, taken back, then asked for: it is not given."""
    witness = come(site)
    session = at(site).log_in("children", site.identities["children"])
    (item,) = session.items()
    witness.end("withdraw", "children")
    with pytest.raises(ServerError, match="no such entry"):
        session.entry(item)


@pytest.mark.parametrize("identity", ["", "anonymous", "unknown", "declined", UNDESCRIBED])
def test_no_way_out_of_the_question_gives_the_name_away(site: Site, identity: str) -> None:
    """Only a plain yes does."""
    told = [("name", "Rosa M."), ("investigators-identity", identity)]
    come(site).add("consent", [*told, ("investigators-purposes", "refer")], ())
    assert "name" not in additions(read(site, "investigators"))[0].answers


def test_whoever_has_the_words_cannot_try_what_was_written(site: Site) -> None:
    """The same answers from another page are a conflict like any others."""
    witness = come(site)
    witness.add("reporter", [("role", "relative")])
    for role in ("victim", "relative", "official"):
        fields = [("words", witness.words), ("group", "reporter"), ("number", "0")]
        fields += [("token", TOKEN), ("do", "send"), ("role", role), ("office", "investigators")]
        assert site.post("/en/add", fields).status_code == 409
    tokens = {witness.post("ask", [("group", "harm")]).value("token") for _ in range(3)}
    assert len(tokens) == 3


def test_closing_after_a_deletion_was_asked_for_keeps_the_case(site: Site) -> None:
    """Somebody with the words could ask for it and close; the offices keep the report."""
    witness = come(site)
    witness.end("delete")
    witness.end("exposed")
    assert site.services.cases.purge(TODAY + timedelta(days=30)) == 0
    assert len(read(site, "children")) == 3
    assert "The words are closed" in witness.end("exposed").text


def test_who_was_asked_to_pass_it_on_is_told_when_that_is_taken_back(site: Site) -> None:
    """Only those, and they learn of no other office than the one they were told of."""
    witness = come(site)
    fields = [("custody", "yes"), ("agency", "cbp"), ("asked", "1"), ("joining", "oido")]
    witness.add("detained", fields, ("investigators",))
    witness.end("withdraw", "oido")
    told = [b for b in additions(read(site, "investigators")) if b.group == "stopped"]
    assert [body.refer for body in told] == [("oido",)]
    assert additions(read(site, "children")) == []
    assert read(site, "detention") == []
    witness.end("withdraw", "investigators", "1")
    session = at(site).log_in("investigators", site.identities["investigators"])
    left = [session.entry(item).kind for item in session.items()]
    assert left.count("message") == 1  # its own notice; the copy for dhs-oig stays
    assert left.count("report") == 1


def test_office_without_a_valid_key_blocks_nothing(site: Site) -> None:
    """It cannot be told, and all else is done."""
    words = come(site).words
    later = on(site, KEYS_UNTIL + timedelta(days=1))
    witness = Witness(later, words)
    assert "will be deleted" in witness.end("delete").text
    assert "It stays" in witness.end("keep").text
    assert "It is removed." in witness.end("withdraw", "children").text
    assert "open nothing" in witness.end("exposed").text


def test_reload_of_an_old_answer_does_not_delete_again(site: Site) -> None:
    """Delete, keep, and then the first answer is sent again: it stays."""
    witness = come(site)
    witness.end("delete")
    witness.end("keep")
    fields = [("words", witness.words), ("what", "delete"), ("number", "0")]
    assert site.post("/en/end", fields).status_code == 409
    assert site.services.cases.purge(TODAY + timedelta(days=30)) == 0


def test_notices_without_end_tell_nobody_and_leave_nothing_behind(site: Site) -> None:
    """Whoever toggles a deletion sixty times gets no entry past the count, nor blocks the last."""
    witness = come(site)
    for step in range(60):
        number = str(min(step, limits.ADDITIONS))
        witness.end("delete", number=number)
        witness.end("keep", number=number)
    assert site.services.cases.purge(TODAY + timedelta(days=30)) == 0
    witness.end("withdraw", "children")
    session = at(site).log_in("children", site.identities["children"])
    assert list(session.items()) == []


def test_choosing_only_not_to_describe_leads_to_help_without_an_error(site: Site) -> None:
    """Nothing is kept, and nothing is said to be wrong."""
    witness = come(site)
    page = witness.add("harm", [("harms", UNDESCRIBED)])
    assert "After sexual violence" in page.text
    assert not any(a.get("role") == "alert" for _, a in page.tags)
    assert additions(read(site, "investigators")) == []


def test_texts_that_are_too_long_together_come_back(site: Site) -> None:
    """Each fits, all do not: that is said, and nothing is lost."""
    witness = come(site)
    long = "\U0001f9ff" * 100_000
    fields = [("words", witness.words), ("group", "incident"), ("number", "0")]
    fields += [("token", TOKEN), ("do", "send"), ("office", "investigators")]
    fields += [(name, long) for name in ("method", "reason", "said")]
    answer = site.post("/en/add", fields)
    assert answer.status_code == 422
    assert "too long for one sending" in answer.text
    assert Page.of(answer.text).value("said") == long


def test_bad_choice_for_one_office_is_named_at_that_office(site: Site) -> None:
    """Not as a failure of the server."""
    witness = come(site)
    fields = [("words", witness.words), ("group", "consent"), ("number", "0"), ("token", TOKEN)]
    fields += [("do", "send"), ("children-identity", "green")]
    answer = site.post("/en/add", fields)
    assert answer.status_code == 422
    marked = [a for _, a in Page.of(answer.text).tags if a.get("aria-invalid") == "true"]
    assert [a.get("id") for a in marked] == ["children-identity"]
    named = [*fields[:-1], ("name", "Rosa")]
    assert "Choose for at least one office" in site.post("/en/add", named).text


@pytest.mark.parametrize("place", ["9" * 5000, "", "-1", "7", "\u0661"])
def test_button_that_removes_nobody_removes_nobody(site: Site, place: str) -> None:
    """A changed page is no failure."""
    witness = come(site)
    fields = [("group", "persons"), ("number", "0"), ("token", TOKEN), ("person-0-alias", "Ana")]
    page = witness.post("add", [*fields, ("do", f"drop-{place}")])
    assert page.value("person-0-alias") == "Ana"


def test_page_says_who_reads_for_a_served_office(site: Site) -> None:
    """What is told to it, its reader learns."""
    witness = come(site)
    for group in ("consent", "contact", "harm"):
        text = witness.post("ask", [("group", group)]).text
        assert text.count("Our investigation team reads this and passes it to DHS Inspector") == 1


def test_conflict_without_a_way_back_promises_no_words(site: Site) -> None:
    """Sent without, then again with another content: the words open nothing."""
    review = site.review(REPORT)
    kept = [(n, v) for n, v in review.fields if n not in ("office", "end")]
    office = ("office", "investigators")
    site.post("/en/send", [*kept, office, ("back", "none")])
    answer = site.post("/en/send", [*kept, office])
    assert answer.status_code == 409
    page = Page.of(answer.text)
    assert page.words == []
    assert "they hold" not in page.text
