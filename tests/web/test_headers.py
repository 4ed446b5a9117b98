"""The headers of an answer, by its place."""

import hashlib
from base64 import b64encode

import pytest

from intake.web.headers import ALWAYS, CONTENT_SECURITY_POLICY, Place, headers

CSP = "Content-Security-Policy"
DIGESTS = {
    f"/{name}.js": hashlib.sha256(name.encode()).hexdigest()
    for name in ("app", "later", "leave", "loader", "seal")
}


def test_form_runs_three_texts_and_no_other() -> None:
    """The policy names their digests, and nothing else of it changes."""
    named = [
        f"'sha256-{b64encode(hashlib.sha256(name).digest()).decode()}'"
        for name in (b"loader", b"app", b"later")
    ]
    policy = headers(Place.FORM, DIGESTS, https=False)[CSP]
    assert f"; script-src 'self' {' '.join(named)}; worker-src 'self'; " in policy
    assert policy.count("'sha256-") == len(named)
    bare = headers(Place.FORM, {}, https=False)[CSP]
    assert policy.replace(f" {' '.join(named)}", "") == bare
    assert bare.startswith(CONTENT_SECURITY_POLICY)


@pytest.mark.parametrize("place", [Place.PERSON, Place.ELSEWHERE])
def test_no_other_page_runs_a_text(place: Place) -> None:
    """Its script comes by its address, with its digest in the page."""
    assert headers(place, DIGESTS, https=True)[CSP] == ALWAYS[CSP] == CONTENT_SECURITY_POLICY
