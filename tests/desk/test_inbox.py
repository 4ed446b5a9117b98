"""Triage: filters, order, pages, saved searches, searching, what was set aside."""

import json
import re
from datetime import date, timedelta

import msgspec
import pytest

from intake.core.entry import Entry, ReportBody
from intake.core.work import Change
from intake.crypto.unseal import generate_hybrid
from intake.errors import UnreachableError
from intake.vault import lists
from intake.vault.writing import Writer
from tests.crypto import entries
from tests.support.desk import TODAY
from tests.support.programmes import small
from tests.support.webdesk import NOW, WebDesk, words

HOSTILE = "<script>alert(1)</script>\u202e \"'><img src=x onerror=alert(1)> {{ 7*7 }}"
replace = msgspec.structs.replace


def report(number: int, account: str = "", language: str = "en", **answers: str) -> Entry:
    """Return a report that can be answered, of a case of its own."""
    made = entries.report()
    assert isinstance(made.body, ReportBody)
    told = {"account": account or f"Report number{number} of many.", **answers}
    body = replace(
        made.body,
        answers=told,
        language=language,
        message_key=f"{number:064x}",
        reply_to=generate_hybrid().recipient().raw,
    )
    return replace(made, case=f"{number:032x}", id=f"{number + 1000:032x}", body=body)


def fetched(desk: WebDesk, *reports: Entry, day: date = TODAY) -> None:
    """File reports and fetch them."""
    for one in reports:
        desk.shelf.put(one, day, desk.key)
    desk.post("/sync")


def listed(desk: WebDesk, path: str) -> list[int]:
    """Return the numbers of the cases on a page, in its order."""
    found = re.findall(r'<li data-row>\s*<a href="/case/([0-9a-f]{32})', desk.get(path).text)
    return [int(name, 16) for name in found]


def write(desk: WebDesk, number: int, change: Change) -> None:
    """Change a case as another page would."""
    with desk.services.vault.use() as opened:
        Writer(opened, small(), NOW).note(f"{number:032x}", change)


def test_new_reports_are_told_that_they_were_opened(desk: WebDesk) -> None:
    """Within the clock, by default, and once."""
    fetched(desk, report(1), report(2))
    assert desk.services.syncing.state.result.sent == 2
    assert [one.kind for one in desk.shelf.sealed.values()] == ["report"] * 2 + ["reply"] * 2
    desk.post("/sync")
    assert desk.services.syncing.state.result.sent == 0
    assert "acknowledge by" not in desk.text("/")


def test_two_cases_with_one_key_hold_up_no_other(desk: WebDesk) -> None:
    """A hostile person can give two cases the same, and so the same name to their first answers."""
    twin = report(1)
    fetched(desk, twin, replace(twin, case="ab" * 16, id="cd" * 16), report(2))
    assert desk.services.syncing.state.stage == "done"
    assert desk.services.syncing.state.result.sent == 2


def test_programme_without_the_template_tells_nobody(desk: WebDesk) -> None:
    """And syncs all the same."""
    with desk.services.vault.use() as opened:
        text = opened.settings["programme"].replace('id = "received"', 'id = "other"')
    desk.services.vault.set("programme", text)
    fetched(desk, report(1))
    assert desk.services.syncing.state.stage == "done"
    assert len(desk.shelf.sealed) == 1


def test_office_can_do_without(desk: WebDesk) -> None:
    """Then what waits is due, with its date."""
    desk.services.vault.set("acknowledge", "off")
    fetched(desk, report(1))
    assert len(desk.shelf.sealed) == 1
    assert "acknowledge by 2026-12-01" in desk.text("/")


def test_report_with_a_damaged_way_back_holds_up_no_other(desk: WebDesk) -> None:
    """However many there are."""
    for number in range(30):
        made = report(number)
        assert isinstance(made.body, ReportBody)
        desk.shelf.put(replace(made, body=replace(made.body, reply_to=b"x")), TODAY, desk.key)
    fetched(desk, report(99))
    assert desk.services.syncing.state.result.sent == 1


def test_filters_and_order_show_what_is_wanted(desk: WebDesk) -> None:
    """Marks, status, assignment, tag, language; all of what is asked for."""
    fetched(desk, report(1, child="yes"), report(2, "una carta", "es"), report(3, custody="yes"))
    fetched(desk, report(4), day=TODAY - timedelta(days=200))
    write(desk, 2, Change({"status": "closed", "reason": "done"}, {"bridge": True}))
    write(desk, 3, Change({"assigned": "Ben"}))
    assert listed(desk, "/?child=1") == [1]
    assert listed(desk, "/?custody=1") == [3]
    assert listed(desk, "/?custody=1&child=1") == []
    assert sorted(listed(desk, "/?open=1")) == [1, 3, 4]
    assert listed(desk, "/?status=closed") == listed(desk, "/?tag=bridge") == [2]
    assert listed(desk, "/?language=es") == [2]
    assert listed(desk, "/?assigned=Ben") == [3]
    assert listed(desk, "/?overdue=1") == [4]
    assert listed(desk, "/?order=due")[0] == 4
    assert listed(desk, "/?order=due")[-1] == 2
    assert "Overdue: tell what was done by 2026-08-06" in desk.text("/")


@pytest.mark.parametrize("order", ["", "order=due&"])
def test_pages_have_fifty_rows_and_lead_on(desk: WebDesk, order: str) -> None:
    """Each case stands on exactly one page."""
    desk.services.vault.set("acknowledge", "off")
    fetched(desk, *(report(number) for number in range(120)))
    seen: list[int] = []
    path = f"/?{order}"
    for count in (50, 50, 20):
        found = listed(desk, path)
        assert len(found) == count
        seen += found
        more = re.search(r'rel="next" href="([^"]+)"', desk.get(path).text)
        path = more[1].replace("&amp;", "&") if more else ""
    assert (sorted(seen), path) == (list(range(120)), "")


def test_strange_addresses_count_for_nothing(desk: WebDesk) -> None:
    """No error, no page of another size."""
    fetched(desk, report(1))
    for query in (
        *("before=x", "before=-1", "before=99999999999999999999999", "after=x", "after=%00"),
        *("status=%27", "tag=%22", "order=x", "before=%EF%BC%91", f"language={'x' * 5000}"),
    ):
        assert desk.get(f"/?{query}").status_code == 200
    assert listed(desk, "/?before=x") == [1]


def test_searches_are_saved_and_let_go(desk: WebDesk) -> None:
    """Under a name; only what the desk itself would write into an address is kept."""
    desk.post("/searches", name="Mine <b>", query="assigned=Ana&open=1", keep="1")
    page = desk.get("/").text
    assert '<a href="/?assigned=Ana&amp;open=1">Mine &lt;b&gt;</a>' in page
    desk.post("/searches", name="Evil", query='x"onclick=y&javascript:', keep="1")
    assert "onclick" not in desk.get("/").text.replace("x%22onclick", "")
    desk.post("/searches", name="Mine <b>")
    assert "Mine" not in desk.text("/")
    assert "needs a name" in words(desk.post("/searches", name="  ").text)


def test_search_finds_pages_of_fifty_newest_first_and_as_one_types(desk: WebDesk) -> None:
    """By the page without script, and by what the script asks."""
    desk.services.vault.set("acknowledge", "off")
    fetched(desk, *(report(number, f"número{number} del árbol") for number in range(60)))
    assert "50 or more" in desk.text("/search?q=arbol")
    found = json.loads(desk.get("/search.json?q=numero59").text)
    assert found == [[f"{59:032x}", "2026-11-24", "report", "número59 del árbol"]]
    assert len(json.loads(desk.get("/search.json?q=arb").text)) == 50
    assert json.loads(desk.get("/search.json?q=").text) == []
    assert "0 entries" in desk.text("/search?q=zebra")


def test_hostile_words_are_text_everywhere(desk: WebDesk) -> None:
    """No markup, no template, no turned order."""
    fetched(desk, report(1, HOSTILE))
    write(desk, 1, Change({"assigned": "<b>\"'"}, {"<b>x": True}, HOSTILE))
    for path in ("/", "/search?q=script", f"/case/{1:032x}", f"/case/{1:032x}/custody", "/aside"):
        page = desk.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "\u202e" not in page
        assert "49" not in words(page).split()


def test_what_was_set_aside_is_listed_with_its_reason(desk: WebDesk) -> None:
    """And the rest is there."""
    desk.shelf.put(report(2), TODAY, generate_hybrid())
    fetched(desk, report(1))
    assert listed(desk, "/") == [1]
    assert "none of the identities" in desk.text("/aside")
    assert "1 set aside" in desk.text("/sync")


def test_offline_desk_works_and_says_what_waits(desk: WebDesk) -> None:
    """Everything is here; what is written goes out later."""
    desk.services.vault.set("acknowledge", "off")
    fetched(desk, report(1))

    def down(*_: object) -> bytes:
        raise UnreachableError("the server cannot be reached")

    desk.shelf.hook = down
    desk.post(f"/case/{1:032x}/acknowledge")
    page = desk.text(f"/case/{1:032x}")
    assert "Offline" in page
    assert "1 to send" in page
    assert "waits to be sent" in page
    assert "Everything here works without the server" in desk.text("/sync")
    desk.shelf.hook = None
    desk.post("/sync")
    assert "waits to be sent" not in desk.text(f"/case/{1:032x}")
    assert len(desk.shelf.sealed) == 2


def test_page_of_the_list_does_not_grow_with_the_number_of_cases(desk: WebDesk) -> None:
    """Fifty rows are as large as fifty rows."""
    desk.services.vault.set("acknowledge", "off")
    fetched(desk, *(report(number) for number in range(51)))
    before = len(desk.get("/").data)
    fetched(desk, *(report(number) for number in range(51, 151)))
    assert len(desk.get("/").data) < before + 500
    assert lists.PAGE == 50
