"""Cases that a browser sealed: kept once, with their files, looked at by token, refused in form."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from intake.client import Server
from intake.core import limits, wire
from intake.core.entry import Outer
from intake.crypto import opening
from intake.crypto.derive import WitnessKeys, derive
from intake.crypto.seal import Sealed, SealedHeader
from intake.errors import ServerError
from intake.server import nojs
from tests.server.test_api import at
from tests.server.test_pages import sendable
from tests.support.sealed import filing, message, sealed_file, send
from tests.support.site import Page, Site

PICTURE = sealed_file(b"\xff\xd8 a picture \xff\xd9" * 9000)


def call(site: Site, path: str, sent: object, **headers: str) -> tuple[int, Any]:
    """Send a message; return status and answer."""
    data = sent if isinstance(sent, bytes) else wire.encode(sent)
    answer = site.client.post(f"/api/v1/{path}", data=data, headers=headers)
    return answer.status_code, answer.json


def test_case_is_kept_with_its_files_and_opens(site: Site) -> None:
    """At every office it names."""
    told = send(site, PICTURE)
    draft = filing(site, told, offices=("investigators", "children"))
    status, filed = call(site, "cases", message(site, draft))
    assert status == 200
    assert [one["reader"] for one in filed["deliveries"]] == ["children", "investigators"]
    for name in ("investigators", "children"):
        office = at(site).log_in(name, site.identities[name])
        (sealed,) = office.entries()
        whole = Sealed(SealedHeader(sealed.header), sealed.payload)
        outer = Outer(sealed.case, sealed.kind, name, sealed.entry)
        key = site.identities[name]
        entry = opening.open_entry(whole, [key], outer, site.services.programme)
        assert entry.body.evidence == (told,)  # type: ignore[union-attr] # a report


def test_same_message_twice_is_one_case(site: Site) -> None:
    """And answers the same; sealed anew it is another content, and conflicts."""
    draft = filing(site, send(site, PICTURE))
    sent = message(site, draft)
    assert call(site, "cases", sent) == call(site, "cases", sent)
    assert site.count() == 1
    status, refused = call(site, "cases", message(site, draft))
    assert (status, refused["code"]) == (409, "conflict")
    assert site.count() == 1


def test_case_waits_for_its_files(site: Site) -> None:
    """One that has not arrived whole is named by nobody."""
    told = msgspec.structs.replace(send(site, PICTURE), id="0d" * 16)
    status, refused = call(site, "cases", message(site, filing(site, told)))
    assert (status, refused["code"]) == (409, "missing")
    assert site.count() == 0


def test_case_cannot_take_the_file_of_another(site: Site) -> None:
    """It says of it what it says of one that is not there."""
    told = send(site, PICTURE)
    assert call(site, "cases", message(site, filing(site, told)))[0] == 200
    status, refused = call(site, "cases", message(site, filing(site, told)))
    assert (status, refused["code"]) == (409, "missing")


def test_office_fetches_the_file(site: Site) -> None:
    """As it was sent; another office gets nothing, nor does nobody."""
    told = send(site, PICTURE)
    assert call(site, "cases", message(site, filing(site, told)))[0] == 200
    office = at(site).log_in("investigators", site.identities["investigators"])
    assert b"".join(office.evidence(told.id)) == PICTURE.data
    other = at(site).log_in("children", site.identities["children"])
    with pytest.raises(ServerError):
        list(other.evidence(told.id))
    with pytest.raises(ServerError):
        list(Server.stream(at(site), "/evidence/../x", office.token))
    assert site.client.get(f"/api/v1/evidence/{told.id}").status_code == 401


def test_token_shows_how_the_case_stands(site: Site) -> None:
    """And nothing else does."""
    draft = filing(site)
    call(site, "cases", message(site, draft))
    keys = WitnessKeys.of(nojs.words(draft), site.services.programme.id)
    status, case = call(site, "case", wire.Mailbox(derive(keys.secret, "mailbox")))
    assert status == 200
    assert case["case"] == draft.secret.case()
    assert [held["reader"] for held in case["held"]] == ["investigators"]
    assert call(site, "case", wire.Mailbox(keys.mailbox()))[0] == 404
    assert call(site, "case", wire.Mailbox(b"short"))[0] == 400


def _changed(**changes: object) -> Callable[[wire.Filing], object]:
    return lambda sent: msgspec.structs.replace(sent, **changes)


def _letter(**changes: object) -> Callable[[wire.Filing], object]:
    return lambda sent: msgspec.structs.replace(
        sent, letters=(msgspec.structs.replace(sent.letters[0], **changes),)
    )


@pytest.mark.parametrize(
    "change",
    [
        _changed(letters=()),
        _changed(case="x"),
        _changed(case="A" * 32),
        _changed(mailbox=b"short"),
        _letter(entry="../" * 10),
        _letter(reader="dhs-oig"),
        _letter(reader="nobody"),
        _letter(kind="message"),
        _letter(header=b"age-encryption.org/v1\n-> X25519 x\n\n--- x\n"),
        _letter(header=b""),
        _letter(payload=b"They came at night. " * 300),
        _letter(payload=b""),
        _letter(evidence=("x",)),
        _letter(evidence=("0d" * 16,) * 2),
        _letter(evidence=tuple(f"{i:032x}" for i in range(2 * limits.FILES + 1))),
        lambda sent: wire.encode(sent).replace(b'"case"', b'"case":1,"case"'),
        lambda sent: wire.encode(sent)[:-5],
        lambda _: b"\xff" * 100,
        lambda _: b"[" * 100_000,
        lambda sent: msgspec.structs.replace(sent, letters=sent.letters * 17),
    ],
)
def test_message_out_of_form_is_refused(
    site: Site, change: Callable[[wire.Filing], object]
) -> None:
    """400, nothing kept, nothing of it said back."""
    status, refused = call(site, "cases", change(message(site, filing(site))))
    assert status == 400, refused
    assert set(refused) == {"code", "message"}
    assert site.count() == 0


def test_message_from_another_site_is_refused(site: Site) -> None:
    """By Origin or Sec-Fetch-Site."""
    sent = message(site, filing(site))
    assert call(site, "cases", sent, Origin="https://evil.test")[0] == 403
    assert call(site, "cases", sent, **{"Sec-Fetch-Site": "same-site"})[0] == 403
    assert site.count() == 0


def test_message_over_the_limit_is_refused(site: Site) -> None:
    """Read no further than the limit."""
    status, _ = call(site, "cases", b" " * (limits.FILING_BODY + 1))
    assert status == 400


def test_server_learns_of_urgency_and_of_nothing_else(site: Site) -> None:
    """From a browser's message and from the page without script; unset, it is not."""
    sent = message(site, filing(site))
    for case in (sent, msgspec.structs.replace(message(site, filing(site)), urgent=True)):
        assert call(site, "cases", case)[0] == 200
    for more in ([], [("urgent", "1")]):
        review = site.review([("account", "what happened")])
        assert site.post("/en/send", [*sendable(review), *more]).status_code == 200
    with site.services.records._database.read() as connection:
        marks = connection.exec_driver_sql("SELECT unscripted, urgent FROM cases").all()
    assert sorted(tuple(mark) for mark in marks) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_urgency_survives_a_change_of_the_text(site: Site) -> None:
    """The form carries it while what she wrote is changed."""
    review = site.review([("account", "what happened")])
    form = Page.of(site.post("/en/change", [*sendable(review), ("urgent", "1")]).text)
    again = site.post("/en/", [field for field in form.fields if field[0] != "end"])
    assert 'name="urgent" value="1" checked' in again.text
