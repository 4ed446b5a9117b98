"""The self-watch in the web desk: daily, on every page, and through Tor where it is set."""

import pytest

from intake.desk.watch import Finding, What
from tests.support.webdesk import WebDesk, words

FOREIGN = (Finding("ab" * 32, "inv", What.FOREIGN),)


def test_form_is_looked_at_once_a_day_after_a_sync(desk: WebDesk) -> None:
    """And what was seen is kept in the vault."""
    for _ in range(2):
        desk.post("/sync")
    assert desk.seen.asked == [("https://site.test", "")]
    page = desk.text("/form")
    assert "Seen 2026-11-24T18:00:00Z" in page
    assert "The form hands out the office's own keys, and no other." in page
    assert "not as your office knows it" not in desk.text("/")


def test_foreign_key_stands_on_every_page_until_it_is_gone(desk: WebDesk) -> None:
    """With its eight words on the page of the watch."""
    desk.seen.findings = FOREIGN
    desk.post("/form")
    for path in ("/", "/aside", "/search"):
        assert "The public form is not as your office knows it" in desk.text(path)
    assert "seals to a key that is not yours (" in desk.text("/form")
    desk.seen.findings = ()
    desk.post("/form")
    assert "not as your office knows it" not in desk.text("/")


def test_proxy_is_kept_and_used(desk: WebDesk) -> None:
    """Nothing goes around it."""
    proxy = "socks5h://127.0.0.1:9050"
    assert desk.post("/form/settings", proxy=proxy, daily="1").status_code == 303
    desk.post("/form")
    assert desk.seen.asked == [("https://site.test", proxy)]
    assert f'value="{proxy}"' in desk.get("/form").text


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "socks5://x", "socks5h://", "x"])
def test_proxy_that_is_none_is_refused(desk: WebDesk, proxy: str) -> None:
    """The one before stays."""
    answer = desk.post("/form/settings", proxy=proxy, daily="1")
    assert answer.status_code == 400
    assert "Not done" in words(answer.text)
    desk.post("/form")
    assert desk.seen.asked == [("https://site.test", "")]


def test_office_can_do_without_the_daily_look(desk: WebDesk) -> None:
    """A button still looks."""
    desk.post("/form/settings", proxy="")
    desk.post("/sync")
    assert desk.seen.asked == []
    desk.post("/form")
    assert len(desk.seen.asked) == 1


def test_desk_without_the_office_s_keys_looks_at_nothing(desk: WebDesk) -> None:
    """And says what is missing when asked."""
    with desk.services.vault.use() as opened, opened.database.write():
        opened.database.run("DELETE FROM settings WHERE name = 'keys'")
    desk.post("/lock")
    desk.post("/unlock", passphrase="")
    assert desk.seen.asked == []
    desk.post("/form")
    assert "does not know the office's keys" in desk.text("/form")
