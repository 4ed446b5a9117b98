"""The witness's pages: what they hold, and that nothing typed is ever lost."""

import gzip
import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from intake.core import limits
from intake.crypto.keyring import Keyring
from intake.errors import StoreError
from intake.server.services import Services
from intake.store.records import Filing, Records, Status
from intake.web.headers import Place, headers, place
from tests.server.conftest import MakeSite
from tests.support.site import FORM, ORIGIN, Fields, Page, Site

CANARY = "canary seven thousand and one"
ANSWERS = [
    ("account", f"They took us from the bus station. {CANARY}"),
    ("place", "Nuevo Laredo"),
    ("region", "mx-border"),
    ("time", "month"),
    ("agency", "cbp"),
    ("agency", "group"),
    ("child", "yes"),
    ("custody", "no"),
    ("urgency", "life"),
]


def sendable(page: Page, offices: Sequence[str] = ("investigators",)) -> list[tuple[str, str]]:
    """Return what the review page sends when these offices are ticked."""
    kept = [(name, value) for name, value in page.fields if name not in ("office", "end")]
    return [*kept, *(("office", office) for office in offices)]


def test_first_page_is_the_same_bytes_for_everyone(site: Site) -> None:
    """Neither browser, language, cookie nor referrer changes a byte."""
    plain = site.client.get("/en/").data
    told = {
        "User-Agent": "Other/1",
        "Accept-Language": "ht",
        "Cookie": "a=b",
        "Referer": "https://elsewhere.test/",
        "X-Forwarded-For": "203.0.113.9",
    }
    assert site.client.get("/en/", headers=told).data == plain


def test_first_page_is_small_with_its_stylesheet(site: Site) -> None:
    """15 kB compressed for the page and its one stylesheet, in every language."""
    style = gzip.compress(site.client.get("/style.css").data)
    for language in ("en", "es"):
        page = gzip.compress(site.client.get(f"/{language}/").data)
        assert len(page) + len(style) <= 15_000


def test_pages_load_nothing_but_their_stylesheet(site: Site) -> None:
    """One stylesheet from here; no script, image or frame from anywhere."""
    review = site.post("/en/", ANSWERS).text
    for text in (site.client.get("/").text, site.client.get("/en/").text, review):
        page = Page.of(text)
        loads = [
            t for t, a in page.tags if t in ("script", "img", "iframe", "object") or "src" in a
        ]
        links = [a["href"] for t, a in page.tags if t == "link"]
        assert loads == []
        assert sorted(links, key=str) == ["/style.css", "data:,"]


@pytest.mark.parametrize(
    "path", ["/", "/en/", "/es/", "/en/return", "/style.css", "/xx/", "/health"]
)
def test_every_answer_has_the_headers_and_no_cookie(site: Site, path: str) -> None:
    """Those of its place, errors included; no ETag, Last-Modified or cookie."""
    answer = site.client.get(path)
    expected = headers(place(path, ("en", "es")), {}, https=False)
    kept = {name: answer.headers.get(name) for name in expected}
    assert kept == expected
    others = set(answer.headers.keys()) - set(expected)
    vary = set() if path in ("/xx/", "/health") else {"Vary"}
    assert others == {"Content-Type", "Content-Length", *vary}


def test_https_site_adds_strict_transport_security(sites: MakeSite) -> None:
    """HSTS is sent where people come by HTTPS, and only there."""
    secure = sites(origin="https://site.test")
    assert "Strict-Transport-Security" in secure.client.get("/en/").headers


def test_every_field_tells_the_browser_to_forget(site: Site) -> None:
    """Each input that takes words says so itself; the form's own attribute is not enough."""
    pages = [site.client.get("/en/").text, site.client.get("/en/return").text]
    pages.append(site.post("/en/", ANSWERS).text)
    seen = 0
    for text in pages:
        for tag, found in Page.of(text).tags:
            if tag == "textarea" or (tag == "input" and found.get("type") == "text"):
                seen += 1
                assert found.get("autocomplete") == "off"
                assert found.get("spellcheck") == "false"
                assert found.get("autocorrect") == "off"
                assert found.get("autocapitalize") == "off"
                assert found.get("writingsuggestions") == "false"
            elif tag in ("select", "input") and found.get("type") not in ("hidden", "password"):
                assert found.get("autocomplete") == "off"
    assert seen >= 10


def test_whole_path_shows_the_same_words_before_and_after(site: Site) -> None:
    """Review, send and come back: only the fallback is ticked, the words hold, it is found."""
    review = site.review(ANSWERS)
    assert [value for name, value in review.fields if name == "office"] == ["investigators"]
    assert len(review.words) == 10
    sent = site.post("/en/send", sendable(review, ("investigators", "children")))
    assert sent.status_code == 200
    assert Page.of(sent.text).words == review.words
    found = site.post("/en/return", [("words", " ".join(review.words)), ("list", "")])
    assert found.status_code == 200
    assert "November 24, 2026" in found.text
    assert "Child-rights advocate" in found.text
    assert site.count() == 2


def test_numbers_bring_it_back_like_words(site: Site) -> None:
    """The ten four-digit numbers beside the words are a receipt too."""
    answer = site.post("/es/", ANSWERS)
    numbers = re.findall(r"<span>(\d{4})</span>", answer.text)
    site.post("/es/send", sendable(Page.of(answer.text)))
    assert site.post("/en/return", [("words", " ".join(numbers))]).status_code == 200


def test_only_what_happened_is_required(site: Site) -> None:
    """One sentence is a report."""
    review = site.review([("account", "They took her.")])
    assert site.post("/en/send", sendable(review)).status_code == 200


def test_missing_account_is_named_beside_its_field_and_in_the_summary(site: Site) -> None:
    """The error stands twice, the field is marked, the other answers are still there."""
    answer = site.post("/en/", ANSWERS[1:])
    page = Page.of(answer.text)
    assert answer.status_code == 422
    assert page.text.count("Please tell us what happened.") == 2
    assert ("place", "Nuevo Laredo") in page.fields
    assert ("child", "yes") in page.fields
    assert any(a.get("aria-invalid") == "true" for t, a in page.tags if t == "textarea")


def test_change_and_back_keeps_words_offices_and_contacts(site: Site) -> None:
    """Going back to the form and forth again loses neither a tick nor a contact."""
    review = site.review(ANSWERS)
    fields = sendable(review, ("investigators", "children"))
    fields = [f for f in fields if f[0] != "contact-children"]
    fields.append(("contact-children", "Shelter San Juan"))
    form = Page.of(site.post("/en/change", fields).text)
    assert CANARY in form.value("account")
    again = Page.of(site.post("/en/", [f for f in form.fields if f[0] != "end"]).text)
    assert again.words == review.words
    assert again.value("contact-children") == "Shelter San Juan"
    assert [v for n, v in again.fields if n == "office"] == ["investigators", "children"]


def test_double_tap_is_one_case_with_the_same_words(site: Site) -> None:
    """Sending twice answers the same and keeps one case."""
    review = site.review(ANSWERS)
    first, second = (site.post("/en/send", sendable(review)) for _ in range(2))
    assert first.data == second.data
    assert site.count() == 1


def test_same_case_with_another_content_is_a_conflict_that_loses_nothing(site: Site) -> None:
    """409, the first is kept, the words hold, and the second text is given back to be sent anew."""
    review = site.review(ANSWERS)
    site.post("/en/send", sendable(review))
    other = site.review([("account", "Another thing happened.")])
    fields = [
        ("secret", review.value("secret")) if n == "secret" else (n, v) for n, v in sendable(other)
    ]
    answer = site.post("/en/send", fields)
    page = Page.of(answer.text)
    assert answer.status_code == 409
    assert page.words == review.words
    assert "Another thing happened." in page.text
    assert site.count() == 1
    form = Page.of(site.post("/en/change", [f for f in page.fields if f[0] != "end"]).text)
    fresh = Page.of(site.post("/en/", [f for f in form.fields if f[0] != "end"]).text)
    assert fresh.words != review.words


BAD_FORMS = {
    "no end mark": (urlencode(ANSWERS).encode(), FORM, ORIGIN, 400),
    "cut in the middle": (urlencode(ANSWERS).encode()[:90], FORM, ORIGIN, 400),
    "bad UTF-8": (urlencode(ANSWERS).encode() + b"&date=%ff%fe&end=1", FORM, ORIGIN, 400),
    "unknown field": (urlencode([*ANSWERS, ("x", "1"), ("end", "1")]).encode(), FORM, ORIGIN, 400),
    "foreign origin": (
        urlencode([*ANSWERS, ("end", "1")]).encode(),
        FORM,
        "https://elsewhere.test",
        403,
    ),
    "null origin": (urlencode([*ANSWERS, ("end", "1")]).encode(), FORM, "null", 403),
    "choice not offered": (
        urlencode([*ANSWERS[:2], ("child", "perhaps"), ("end", "1")]).encode(),
        FORM,
        ORIGIN,
        422,
    ),
    "control character": (
        urlencode([ANSWERS[0], ("place", "a\x00b"), ("end", "1")]).encode(),
        FORM,
        ORIGIN,
        422,
    ),
}


@pytest.mark.parametrize("case", BAD_FORMS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_bad_form_comes_back_filled_with_a_clear_error(
    site: Site, case: str, language: str
) -> None:
    """4xx, a sentence in the person's language, the account still in its field, nothing stored."""
    body, media_type, origin, status = BAD_FORMS[case]
    answer = site.raw(f"/{language}/", body, media_type, origin)
    page = Page.of(answer.text)
    assert answer.status_code == status
    assert page.value("account").startswith("They took us from the bus station")
    assert any(found.get("role") == "alert" for _, found in page.tags)
    assert ("Nothing was sent" if language == "en" else "o se envió nada") in page.text
    assert site.count() == 0


@pytest.mark.parametrize("site_header", ["cross-site", "same-site", "none"])
def test_form_from_another_site_is_refused_by_fetch_metadata(site: Site, site_header: str) -> None:
    """Sec-Fetch-Site decides where the browser sends it, whatever Origin says."""
    body = urlencode([*ANSWERS, ("end", "1")])
    headers = {"Origin": ORIGIN, "Host": "site.test", "Sec-Fetch-Site": site_header}
    answer = site.client.post("/en/", data=body, content_type=FORM, headers=headers)
    assert answer.status_code == 403
    assert CANARY in answer.text


def test_form_of_another_kind_is_refused(site: Site) -> None:
    """Multipart is not what our form sends."""
    answer = site.raw("/en/", b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x")
    assert answer.status_code == 415


def test_ten_megabytes_of_text_come_back_whole(site: Site) -> None:
    """Too long by far: refused beside the field, and not a letter of it is lost."""
    text = "word " * (2 * 1024 * 1024)
    answer = site.post("/en/", [("account", text), ("place", "Reynosa")])
    assert answer.status_code == 422
    page = Page.of(answer.text)
    assert page.value("account") == text.strip()
    assert page.value("place") == "Reynosa"
    assert site.count() == 0


def test_body_over_the_limit_comes_back_as_far_as_it_fits(site: Site) -> None:
    """More than is kept: 413, what fits is given back, and so are the other fields."""
    body = b"account=" + b"a" * (limits.FORM_KEPT + 1000) + b"&place=Reynosa&end=1"
    answer = site.raw("/en/", body)
    page = Page.of(answer.text)
    assert answer.status_code == 413
    assert len(page.value("account")) > limits.FORM_KEPT - 100
    assert site.count() == 0


def without(fields: Fields, name: str) -> list[tuple[str, str]]:
    """Return fields but those of a name."""
    return [field for field in fields if field[0] != name]


LONG = "contact-investigators"
REVIEW_DAMAGE: dict[str, tuple[Callable[[Fields], Fields], int]] = {
    "no office": (lambda fields: without(fields, "office"), 422),
    "office not offered": (lambda fields: [*fields, ("office", "detention")], 422),
    "long contact": (lambda fields: [*without(fields, LONG), (LONG, "x" * 301)], 422),
    "unknown field": (lambda fields: [*fields, ("x", "1")], 400),
}


@pytest.mark.parametrize("case", REVIEW_DAMAGE)
def test_bad_review_page_comes_back_with_report_and_words(site: Site, case: str) -> None:
    """The report, its words and the choices survive; nothing is stored."""
    review = site.review(ANSWERS)
    change, status = REVIEW_DAMAGE[case]
    answer = site.post("/en/send", change(sendable(review)))
    page = Page.of(answer.text)
    assert answer.status_code == status
    assert page.words == review.words
    assert page.value("report") == review.value("report")
    assert site.count() == 0


@pytest.mark.parametrize("field", ["report", "secret"])
def test_damaged_page_gives_back_what_arrived(site: Site, field: str) -> None:
    """A report or secret that cannot be read is not sealed; the text can be copied."""
    review = site.review(ANSWERS)
    fields = [(n, v[:-20] if n == field else v) for n, v in sendable(review)]
    answer = site.post("/en/send", fields)
    assert answer.status_code == 400
    assert CANARY in answer.text
    assert site.count() == 0


class BrokenRecords(Records):
    """A store that cannot keep anything."""

    error: Exception = StoreError("the disk is full")

    def file(self, filing: Filing) -> Status:  # noqa: ARG002 - as inherited
        """Fail."""
        raise self.error


def broken(error: Exception) -> Callable[[Services], Services]:
    """Return a change of services that makes filing fail."""

    def change(services: Services) -> Services:
        records = BrokenRecords(services.records._database)
        records.error = error
        return replace(services, records=records)

    return change


@pytest.mark.parametrize(
    ("error", "status"), [(StoreError("the disk is full"), 503), (RuntimeError(CANARY), 500)]
)
def test_failing_store_gives_the_review_page_back(
    sites: MakeSite, caplog: pytest.LogCaptureFixture, error: Exception, status: int
) -> None:
    """A full disk or a bug: her words and choices are there to send again; the log has no text."""
    site = sites(broken(error))
    review = site.review(ANSWERS)
    with caplog.at_level(logging.DEBUG):
        answer = site.post("/en/send", sendable(review, ("investigators", "children")))
    page = Page.of(answer.text)
    assert answer.status_code == status
    assert page.words == review.words
    assert ("office", "children") in page.fields
    assert CANARY not in caplog.text
    assert type(error).__name__ in caplog.text


def test_over_the_budget_the_form_comes_back_filled(sites: MakeSite) -> None:
    """429, and the account is still in its field."""
    site = sites(posts_per_address=2)
    answers = [site.post("/en/", ANSWERS) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert CANARY in Page.of(answers[2].text).value("account")


def test_budget_for_all_is_counted_over_addresses(sites: MakeSite) -> None:
    """Many addresses together use up what one process may take."""
    site = sites(posts_per_minute=4, workers=2)
    statuses = []
    for last in range(4):
        body = urlencode([*ANSWERS, ("end", "1")])
        answer = site.client.post(
            "/en/",
            data=body,
            content_type=FORM,
            headers={"Origin": ORIGIN, "Host": "site.test"},
            environ_base={"REMOTE_ADDR": f"203.0.113.{last}"},
        )
        statuses.append(answer.status_code)
    assert statuses == [200, 200, 429, 429]


def test_switched_off_server_seals_nothing(site: Site, sites: MakeSite) -> None:
    """Where sealing without script is off, no form is offered, and what is sent comes back."""
    off = sites(seal_without_script=False)
    assert off.client.get("/en/").status_code == 503
    review = site.review(ANSWERS)
    for path, fields in (("/en/", ANSWERS), ("/en/send", sendable(review))):
        answer = off.post(path, fields)
        assert answer.status_code == 503
        assert CANARY in answer.text
    assert off.count() == 0


def test_office_whose_keys_expired_is_closed_and_no_other(sites: MakeSite) -> None:
    """It is named as closed and cannot be chosen; the others go on."""

    def without_children(services: Services) -> Services:
        offices = {**services.keyring.offices, "children": ()}
        return replace(services, keyring=Keyring(offices))

    site = sites(without_children)
    review = site.review(ANSWERS)
    assert "Child-rights advocate takes nothing at this time." in review.text
    assert site.post("/en/send", sendable(review, ("children",))).status_code == 422
    assert site.post("/en/send", sendable(review)).status_code == 200


def test_served_office_is_named_with_its_reader_after_sending(site: Site) -> None:
    """She sees that her choice arrived, and by whom it goes on."""
    review = site.review(ANSWERS)
    sent = site.post("/en/send", sendable(review, ("dhs-oig",)))
    assert "Our investigation team reads this and passes it to DHS Inspector" in sent.text


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("one two", 422, "all ten words"),
        ("zzzz " * 10, 422, "not in the list"),
        ("abandon " * 10, 422, "do not belong together"),
    ],
)
def test_wrong_words_come_back_with_what_to_do(
    site: Site, words: str, status: int, said: str
) -> None:
    """What was typed stays in its field."""
    answer = site.post("/en/return", [("words", words)])
    assert answer.status_code == status
    assert said in answer.text
    assert Page.of(answer.text).value("words").strip() == words.strip()


def test_words_of_a_case_never_sent_find_nothing(site: Site) -> None:
    """Words alone, without sending, keep nothing."""
    review = site.review(ANSWERS)
    assert site.post("/en/return", [("words", " ".join(review.words))]).status_code == 404


@pytest.mark.parametrize("path", ["/en/send", "/en/change"])
def test_reload_of_a_form_address_leads_to_the_form(site: Site, path: str) -> None:
    """An address that only takes forms is not an error page to whoever opens it."""
    answer = site.client.get(path)
    assert (answer.status_code, answer.location) == (303, "/en/")


def test_conflicts_of_interest_are_named(site: Site) -> None:
    """An office of the department complained of carries a warning."""
    page = site.review([("account", "x"), ("agency", "cbp"), ("time", "days")])
    assert "same department as the agency you named" in page.text


SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_no_field_becomes_markup(site: Site) -> None:
    """What is typed anywhere stands as text on every page that shows it."""
    fields = [("account", SCRIPT), ("place", SCRIPT), ("date", SCRIPT)]
    review = site.post("/en/", fields)
    page = Page.of(review.text)
    contact = [*without(sendable(page), "contact-investigators"), ("contact-investigators", SCRIPT)]
    sent = sendable(page)
    other = Page.of(site.post("/en/", [("account", SCRIPT + "again")]).text)
    site.post("/en/send", sent)
    conflict = [(n, page.value("secret") if n == "secret" else v) for n, v in sendable(other)]
    answers = [
        review,
        site.post("/en/", [*fields, ("x", SCRIPT)]),
        site.post("/en/send", [*contact, ("x", SCRIPT)]),
        site.post("/en/change", contact),
        site.post("/en/send", conflict),
        site.post("/en/send", [("report", SCRIPT), ("secret", SCRIPT), ("office", SCRIPT)]),
        site.post("/en/return", [("words", SCRIPT), ("list", SCRIPT)]),
        site.client.get(f"/en/{SCRIPT}"),
    ]
    for answer in answers:
        tags = {tag for tag, _ in Page.of(answer.text).tags}
        assert not tags & {"script", "img"}, answer.status_code
    assert sum("&lt;script&gt;" in answer.text for answer in answers) >= 6


def test_content_security_policy_is_the_one_that_was_tried(site: Site) -> None:
    """Word for word: a looser one is a decision, with a change here. A voice plays on the form."""
    policy = (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
        "connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types intake"
    )
    for path in ("/", "/en/return", "/es/nothing", "/api/v1/days", "/health"):
        assert site.client.get(path).headers["Content-Security-Policy"] == policy
    for path in ("/style.css", "/en/sealing.json"):
        found = site.client.get(path).headers["Content-Security-Policy"]
        assert found == "default-src 'none'; frame-ancestors 'none'"
    for path in ("/en/", "/es", "/en/change"):
        found = site.client.get(path).headers["Content-Security-Policy"]
        assert found == f"{policy}; media-src 'self' blob:"


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("/en/", Place.FORM),
        ("/en", Place.FORM),
        ("/es/change", Place.FORM),
        ("/en/return", Place.RETURN),
        ("/en/send", Place.PERSON),
        ("/en/nothing", Place.PERSON),
        ("/", Place.ELSEWHERE),
        ("/xx/", Place.ELSEWHERE),
        ("//en/", Place.ELSEWHERE),
        ("/EN/", Place.ELSEWHERE),
        ("/api/v1/days", Place.ELSEWHERE),
        ("/seal.js", Place.ELSEWHERE),
    ],
)
def test_microphone_is_open_where_a_voice_can_be_recorded_and_nowhere_else(
    site: Site, path: str, at: Place
) -> None:
    """Pages of people in a language of the programme; every other answer closes it."""
    assert place(path, ("en", "es")) is at
    found = site.client.get(path).headers["Permissions-Policy"]
    is_open = at in (Place.FORM, Place.PERSON)
    assert ("microphone=(self)" in found) == is_open
    assert ("microphone=()" in found) == (not is_open)
    assert "camera=()" in found


@pytest.mark.parametrize("key", ["version", "digest"])
def test_hidden_report_with_a_made_up_version_is_damaged(site: Site, key: str) -> None:
    """What reaches an investigator's terminal is checked like everything else."""
    review = site.review(ANSWERS)
    made = json.loads(review.value("report"))
    made[key] = "9\x1b]0;x\x07"
    text = json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    fields = [("report", text), *without(sendable(review), "report")]
    assert site.post("/en/send", fields).status_code == 400
    assert site.count() == 0


def test_failure_of_the_page_itself_still_gives_the_text_back(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The last guard: a bug while giving back shows what was typed and logs none of it."""

    def fails(*_args: object) -> None:
        raise RuntimeError(CANARY)

    review = site.review(ANSWERS)
    monkeypatch.setattr("intake.server.nojs.routing", fails)
    answer = site.post("/en/send", sendable(review))
    assert answer.status_code == 500
    assert CANARY in answer.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize("path", ["/en", "/en//send", "/api//v1/days"])
def test_no_redirect_goes_to_a_host_that_the_client_names(site: Site, path: str) -> None:
    """A foreign Host is never written into an address."""
    answer = site.client.get(path, headers={"Host": "evil.example"})
    assert "evil" not in answer.headers.get("Location", "")


def test_origin_that_is_no_address_is_foreign(site: Site) -> None:
    """A broken Origin is refused like any other."""
    answer = site.raw("/en/", urlencode([*ANSWERS, ("end", "1")]).encode(), origin="http://[")
    assert answer.status_code == 403
