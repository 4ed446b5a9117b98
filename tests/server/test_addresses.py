"""Every address is pinned: a new one is a decision, with a line here."""

from intake.server.app import ADDRESSES, make_app
from tests.support.site import Site

PINNED = {
    "GET / home",
    "GET /<lang>/ show",
    "GET /<lang>/add again_add",
    "GET /<lang>/ask again_ask",
    "GET /<lang>/discard again_discard",
    "GET /<lang>/change again_change",
    "GET /<lang>/end again_end",
    "GET /<lang>/group/<name> group",
    "GET /<lang>/parts parts",
    "GET /<lang>/sealing.json sealing",
    "GET /<lang>/return come_back",
    "GET /<lang>/send again_send",
    "GET /<lang>/stop again_stop",
    "GET /api/v1/cases/<case> api_case",
    "GET /api/v1/days api_days",
    "GET /api/v1/days/<day> api_day",
    "GET /api/v1/entries/<entry> api_entry",
    "GET /api/v1/entries/<entry>/header api_header",
    "POST /api/v1/entries/fetch api_entries",
    "GET /api/v1/evidence/<name> api_evidence",
    "GET /api/v1/programme api_current",
    "GET /api/v1/programme/<digest> api_programme",
    "GET /<lang>/back back",
    "GET /app.js app",
    "GET /back.js back_script",
    "GET /open-full.js open_full",
    "GET /open.js open",
    "GET /words.json words",
    "GET /files-full.js files_full",
    "GET /files.js files",
    "GET /health health",
    "GET /seal-full.js seal_full",
    "GET /later.js later",
    "GET /leave.js leave",
    "GET /loader.js loader",
    "GET /seal.js seal",
    "GET /style.css style",
    "POST /<lang>/ review posts",
    "POST /<lang>/add add posts",
    "POST /<lang>/ask ask posts",
    "POST /<lang>/change change posts",
    "POST /<lang>/discard discard posts",
    "POST /<lang>/end end posts",
    "POST /<lang>/return look posts",
    "POST /<lang>/send send posts",
    "POST /<lang>/stop stop posts",
    "DELETE /api/v1/holds/<case> api_release",
    "POST /api/v1/canary api_canary logins",
    "POST /api/v1/words/release api_release_words logins",
    "PUT /api/v1/words api_reissue logins",
    "GET /ready ready",
    "PUT /api/v1/holds/<case> api_hold",
    "DELETE /api/v1/uploads/<name> api_end parts",
    "HEAD /api/v1/uploads/<name> api_stands parts",
    "OPTIONS /api/v1/uploads api_tus",
    "PATCH /api/v1/uploads/<name> api_part parts",
    "POST /api/v1/additions api_add posts",
    "PUT /api/v1/entries/<entry>/header api_rewrap",
    "POST /api/v1/case api_look posts",
    "POST /api/v1/closing api_close posts",
    "POST /api/v1/deletion api_delete posts",
    "POST /api/v1/withdraw api_withdraw posts",
    "POST /api/v1/entries api_reply",
    "POST /api/v1/mail api_mail parts",
    "POST /api/v1/mail/discard api_discard posts",
    "POST /api/v1/cases api_file posts",
    "POST /api/v1/uploads api_upload posts",
    "POST /api/v1/challenge api_challenge logins",
    "POST /api/v1/session api_session logins",
}


def test_every_address_is_pinned_with_its_method_and_budget() -> None:
    """The table of the app is this table."""
    found = {f"{a.method} {a.rule} {a.endpoint} {a.budget}".strip() for a in ADDRESSES}
    assert found == PINNED


def test_app_answers_no_other_address(site: Site) -> None:
    """Flask's own map holds the table and nothing more: no static folder."""
    app = make_app(site.services)
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    assert rules == {address.rule for address in ADDRESSES}


def test_unknown_address_is_a_page_in_the_language_of_its_path(site: Site) -> None:
    """404 in Spanish below /es/, JSON below the API."""
    nothing = site.client.get("/es/nothing")
    assert nothing.status_code == 404
    assert '<html lang="es"' in nothing.text
    answer = site.client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.json["code"] == "no_address"  # type: ignore[index] # JSON by the line above
