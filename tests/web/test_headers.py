"""The headers of an answer, by its place."""

import hashlib
from base64 import b64encode

import pytest

from intake.web.headers import ALWAYS, CONTENT_SECURITY_POLICY, Place, headers, place

CSP = "Content-Security-Policy"
DIGESTS = {
    f"/{name}.js": hashlib.sha256(name.encode()).hexdigest()
    for name in ("app", "back", "later", "leave", "loader", "seal")
}


@pytest.mark.parametrize(
    ("at", "texts"),
    [(Place.FORM, (b"loader", b"app", b"later")), (Place.RETURN, (b"loader", b"back"))],
)
def test_page_runs_its_own_texts_and_no_other(at: Place, texts: tuple[bytes, ...]) -> None:
    """The policy names their digests, and nothing else of it changes."""
    named = [f"'sha256-{b64encode(hashlib.sha256(name).digest()).decode()}'" for name in texts]
    policy = headers(at, DIGESTS, https=False)[CSP]
    assert f"; script-src 'self' {' '.join(named)}; worker-src 'self'; " in policy
    assert policy.count("'sha256-") == len(named)
    bare = headers(at, {}, https=False)[CSP]
    assert policy.replace(f" {' '.join(named)}", "") == bare
    assert bare.startswith(CONTENT_SECURITY_POLICY)


@pytest.mark.parametrize("at", [Place.PERSON, Place.ELSEWHERE])
def test_no_other_page_runs_a_text(at: Place) -> None:
    """Its script comes by its address, with its digest in the page."""
    assert headers(at, DIGESTS, https=True)[CSP] == ALWAYS[CSP] == CONTENT_SECURITY_POLICY


def test_part_of_a_page_can_do_nothing_by_itself() -> None:
    """Opened as a page it loads, runs and embeds nothing; a Worker keeps the rules of its page."""
    for path in (
        "/style.css",
        "/app.js",
        "/back.js",
        "/later.js",
        "/leave.js",
        "/loader.js",
        "/en/sealing.json",
    ):
        assert place(path, ("en",)) is Place.PART
        assert place(f"{path}/", ("en",)) is not Place.PART
    made = headers(Place.PART, DIGESTS, https=True)
    assert made[CSP] == "default-src 'none'; frame-ancestors 'none'"
    assert made["Cache-Control"] == "no-store"
    assert made["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" in made
    for worker in ("/seal.js", "/seal-full.js", "/open.js", "/files.js", "/files-full.js"):
        assert place(worker, ("en",)) is Place.ELSEWHERE
