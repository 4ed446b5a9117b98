"""What a browser sealed to take a case back, delete or close it: done once, refused in form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from intake.core import limits, wire
from intake.core.entry import AdditionBody
from intake.server import nojs
from intake.server.nojs import Letter
from intake.store.cases import Case
from tests.server.test_api import at
from tests.server.test_sealed import call
from tests.support.conversation import Filed
from tests.support.sealed import letter
from tests.support.site import TODAY, Site

TEAM, OTHER = "investigators", "children"


@dataclass(frozen=True)
class Browser:
    """A witness whose browser seals, with the names that her words give."""

    filed: Filed

    @classmethod
    def of(cls, site: Site) -> "Browser":
        """File a case of two offices."""
        return cls(Filed.at(site, TEAM, OTHER))

    @property
    def site(self) -> Site:
        """Where it was filed."""
        return self.filed.site

    @property
    def case(self) -> Case:
        """How it stands."""
        return self.site.services.cases.behind(self.filed.keys.mailbox())

    def first(self, office: str) -> str:
        """Return the id of the first entry of an office."""
        return self.filed.keys.entry("report", office)

    def told(self, name: str, office: str) -> wire.Letter:
        """Return a notice for an office."""
        programme, keys = self.site.services.programme, self.filed.keys
        group = name.partition("/")[0]
        body = AdditionBody(
            {}, programme.digest, (), group, "", "en", (), (), unscripted=False, version="1"
        )
        draft = Letter(
            self.filed.case,
            office,
            keys.entry(name, office),
            body,
            (self.first(office),),
            keys.message_key(office),
        )
        return letter(nojs.seal_letter(self.site.services, draft))

    def notice(self, group: str, *offices: str, number: int = 0) -> wire.Addition:
        """Return what offices are told."""
        return wire.Addition(
            id=self.filed.keys.addition(group, number),
            letters=tuple(self.told(f"{group}/{number}", office) for office in offices),
            marks=(),
            needs=(),
            token=self.filed.token,
        )

    def withdrawal(self, office: str = OTHER) -> wire.Withdrawal:
        """Return what takes the case back from an office."""
        return wire.Withdrawal(
            entries=(self.first(office),),
            known=tuple(sorted(self.case.additions)),
            notice=self.notice("withdrawal", office),
            others=(),
        )

    def deletion(self, *, wanted: bool, number: int = 0) -> wire.Deletion:
        """Return what has the case deleted, or kept."""
        group = "deletion" if wanted else "kept"
        return wire.Deletion(self.notice(group, TEAM, OTHER, number=number), wanted)

    def closing(self) -> wire.Closing:
        """Return what closes it."""
        return wire.Closing(self.notice("exposed", TEAM, OTHER))

    def read_by(self, office: str) -> list[wire.Sealed]:
        """Return what an office fetches."""
        logged_in = at(self.site).log_in(office, self.site.identities[office])
        return list(logged_in.entries())


@pytest.fixture
def browser(site: Site) -> Browser:
    """File a case."""
    return Browser.of(site)


def changed(message: Any, **changes: object) -> Any:  # noqa: ANN401 - any message
    """Return a message in which some fields are others."""
    return msgspec.structs.replace(message, **changes)


def test_unread_office_is_removed_and_told_nothing(browser: Browser) -> None:
    """Sent again after a lost answer, it is answered as before."""
    sent = browser.withdrawal()
    answer = (200, {"day": str(TODAY), "read": False})
    assert call(browser.site, "withdraw", sent) == answer
    assert call(browser.site, "withdraw", sent) == answer
    assert browser.case.withdrawn == {browser.first(OTHER)}
    assert browser.read_by(OTHER) == []
    assert len(browser.read_by(TEAM)) == 1


def test_office_that_had_read_gets_the_notice_alone(browser: Browser) -> None:
    """And whoever was asked to pass the case on to it is told, too."""
    browser.read_by(OTHER)
    others = (browser.told(f"stopped/{OTHER}", TEAM),)
    sent = changed(browser.withdrawal(), others=others)
    answer = (200, {"day": str(TODAY), "read": True})
    assert call(browser.site, "withdraw", sent) == answer
    assert call(browser.site, "withdraw", sent) == answer
    (told,) = browser.read_by(OTHER)
    assert told.entry == sent.notice.letters[0].entry
    assert others[0].entry in {one.entry for one in browser.read_by(TEAM)}


def test_withdrawal_that_does_not_know_of_an_addition_is_a_conflict(browser: Browser) -> None:
    """Something would stay with the office."""
    sent = browser.withdrawal()
    addition = browser.notice("new", OTHER)
    assert call(browser.site, "additions", addition)[0] == 200
    status, refused = call(browser.site, "withdraw", sent)
    assert (status, refused["code"]) == (409, "conflict")
    assert browser.case.withdrawn == frozenset()


def test_another_content_under_the_same_name_is_a_conflict(browser: Browser) -> None:
    """Sealed anew it is another message."""
    assert call(browser.site, "withdraw", browser.withdrawal(OTHER))[0] == 200
    again = changed(browser.withdrawal(TEAM), known=())
    assert call(browser.site, "withdraw", again)[0] == 409
    assert browser.first(TEAM) in browser.case.held


def test_nobody_takes_back_what_is_of_another_case_or_no_report_of_hers(browser: Browser) -> None:
    """Not an entry of somebody else, not a reply, not one that there is not."""
    stranger = Browser.of(browser.site)
    browser.read_by(TEAM)
    reply = browser.filed.reply()
    assert browser.filed.send(reply) == 204
    for name in (stranger.first(OTHER), reply.id, "ab" * 16, browser.filed.keys.stub()):
        sent = changed(browser.withdrawal(), entries=(browser.first(OTHER), name))
        assert call(browser.site, "withdraw", sent)[0] == 404
    assert browser.case.withdrawn == stranger.case.withdrawn == frozenset()
    assert [one.entry for one in browser.case.mail] == [reply.id]


def test_deletion_waits_seven_days_and_is_taken_back(browser: Browser) -> None:
    """Each told to the offices; sent again it changes nothing."""
    wanted, kept = browser.deletion(wanted=True), browser.deletion(wanted=False)
    for _ in range(2):
        assert call(browser.site, "deletion", wanted)[0] == 200
    assert browser.case.deletion == TODAY + timedelta(days=limits.DELETION_DAYS)
    assert call(browser.site, "deletion", kept)[0] == 200
    assert browser.case.deletion is None
    assert call(browser.site, "deletion", wanted)[0] == 409
    # The same notice with the opposite wish is something else.
    assert call(browser.site, "deletion", changed(wanted, wanted=False))[0] == 409
    assert browser.case.deletion is None
    assert len(browser.read_by(TEAM)) == len(browser.read_by(OTHER)) == 3


def test_closed_mailbox_opens_for_nobody(browser: Browser) -> None:
    """Sent again it finds nothing: so it knows that it is closed."""
    sent = browser.closing()
    assert call(browser.site, "closing", sent)[0] == 200
    status, refused = call(browser.site, "closing", sent)
    assert (status, refused["code"]) == (404, "not_found")
    assert call(browser.site, "case", wire.Mailbox(browser.filed.token))[0] == 404
    assert len(browser.read_by(TEAM)) == 2


def test_nobody_ends_anything_without_the_token(browser: Browser) -> None:
    """The words alone give it."""
    other = bytes(32)
    messages = (
        ("withdraw", browser.withdrawal()),
        ("deletion", browser.deletion(wanted=True)),
        ("closing", browser.closing()),
    )
    for path, sent in messages:
        forged = changed(sent, notice=changed(sent.notice, token=other))
        assert call(browser.site, path, forged)[0] == 404
        elsewhere = call(browser.site, path, sent, Origin="https://evil.test")
        assert elsewhere[0] == 403
    assert (browser.case.withdrawn, browser.case.deletion) == (frozenset(), None)


def _letter(**changes: object) -> Callable[[wire.Addition], wire.Addition]:
    return lambda sent: changed(sent, letters=(changed(sent.letters[0], **changes),))


BAD_NOTICES: dict[str, Callable[[wire.Addition], wire.Addition]] = {
    "short token": lambda sent: changed(sent, token=b"x"),
    "no name": lambda sent: changed(sent, id="../" * 10),
    "name in capitals": lambda sent: changed(sent, id=sent.id.upper()),
    "mark is no name": lambda sent: changed(sent, marks=("x",)),
    "need is no name": lambda sent: changed(sent, needs=("x",)),
    "too many needs": lambda sent: changed(sent, needs=("ab" * 16,) * 17),
    "too many letters": lambda sent: changed(sent, letters=sent.letters[:1] * 17),
    "names a keeper": lambda sent: changed(sent, keeper=bytes(64)),
    "a report": _letter(kind="report"),
    "a note": _letter(kind="note", reader="witness"),
    "to the witness": _letter(reader="witness"),
    "to a served office": _letter(reader="dhs-oig"),
    "with a file": _letter(evidence=("ab" * 16,)),
    "letter without name": _letter(entry="x"),
    "plain text": _letter(payload=b"They came at night. " * 300),
    "no header": _letter(header=b""),
}


@pytest.mark.parametrize("bad", BAD_NOTICES.values(), ids=BAD_NOTICES)
def test_notice_out_of_form_is_refused(
    browser: Browser, bad: Callable[[wire.Addition], wire.Addition]
) -> None:
    """By each of the three, and nothing is kept."""
    for path, sent in (
        ("withdraw", browser.withdrawal()),
        ("deletion", browser.deletion(wanted=True)),
        ("closing", browser.closing()),
    ):
        status, refused = call(browser.site, path, changed(sent, notice=bad(sent.notice)))
        assert (status, refused["code"] in ("wire", "not_sealed")) == (400, True), path
    case = browser.case
    assert (case.additions, case.withdrawn, case.deletion) == (frozenset(), frozenset(), None)
    assert browser.site.count() == 2


BAD_WITHDRAWALS: dict[str, Callable[[wire.Withdrawal], object]] = {
    "nothing taken": lambda sent: changed(sent, entries=()),
    "entry is no name": lambda sent: changed(sent, entries=("x",)),
    "known is no name": lambda sent: changed(sent, known=("x" * 32,)),
    "far too many": lambda sent: changed(sent, known=("ab" * 16,) * (limits.NAMES + 1)),
    "others hold a report": lambda sent: changed(
        sent, others=(changed(sent.notice.letters[0], kind="report"),)
    ),
    "unknown field": lambda sent: wire.encode(sent)[:-1] + b',"more":1}',
    "key twice": lambda sent: b'{"others":1,' + wire.encode(sent)[1:],
    "cut off": lambda sent: wire.encode(sent)[:-5],
    "not UTF-8": lambda _: b"\xff" * 100,
    "nested deeply": lambda _: b"[" * 100_000,
    "a list": lambda _: b"[]",
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("bad", BAD_WITHDRAWALS.values(), ids=BAD_WITHDRAWALS)
def test_withdrawal_out_of_form_is_refused(
    browser: Browser, bad: Callable[[wire.Withdrawal], object]
) -> None:
    """Nothing is taken back."""
    status, refused = call(browser.site, "withdraw", bad(browser.withdrawal()))
    assert (status, refused["code"]) == (400, "wire")
    assert browser.case.withdrawn == frozenset()


def test_office_without_a_valid_key_blocks_nothing(browser: Browser) -> None:
    """It cannot be told, and it is done all the same."""
    sent = browser.withdrawal()
    unspoken = changed(sent, notice=changed(sent.notice, letters=()))
    assert call(browser.site, "withdraw", unspoken)[0] == 200
    assert browser.case.withdrawn == {browser.first(OTHER)}
