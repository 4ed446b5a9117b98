"""The headers of every answer, tried in Chromium and Firefox.

Rules: nothing from elsewhere, nothing kept by the browser, no cookie, nothing that tells one
person from another. No ETag and no Last-Modified: they would link an onion to its clearnet host.
A script runs only if its digest stands in the page, or in the policy where the form runs it as
text; the microphone is open where a voice can be recorded, and nowhere else.
"""

from base64 import b64encode
from collections.abc import Collection, Mapping
from enum import Enum


class Place(Enum):
    """What an address is for, which decides what its page may do."""

    FORM = "the form"
    RETURN = "coming back"
    PERSON = "another page of people"
    PART = "what a page is made of, and is neither page nor Worker"
    ELSEWHERE = "everything else"


_FORM = ("", "change")
"""What follows the language in the addresses that show the form."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; "
    # One policy of this name, the loader's: no other text becomes script or markup.
    "require-trusted-types-for 'script'; trusted-types intake"
)

_RETURN = "return"
"""What follows the language in the address of coming back."""

_AS_TEXT = {
    Place.FORM: ("/loader.js", "/app.js", "/later.js"),
    Place.RETURN: ("/loader.js", "/back.js"),
}
"""What a page runs as text, not by address, so that the browser keeps nothing of it on disk.

Its policy names their digests: no other text runs.
"""

_PARTS = ("/style.css", "/leave.js", *(name for names in _AS_TEXT.values() for name in names))
_FACTS = "sealing.json"
"""What follows the language in the address of what sealing needs."""

_VOICE = "; media-src 'self' blob:"
"""What was recorded is listened to before it is sent."""

_OFF = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "payment",
    "usb",
)

PERMISSIONS_POLICY = ", ".join((*(f"{feature}=()" for feature in _OFF), "microphone=()"))
_PERMISSIONS_OF_PERSON = PERMISSIONS_POLICY.replace("microphone=()", "microphone=(self)")

ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Integrity-Policy": "blocked-destinations=(script)",
    "Permissions-Policy": PERMISSIONS_POLICY,
    # same-origin, not no-referrer: with the latter a form's own Origin becomes null.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_PART = {
    # No page obeys what stands beside its parts: on a slow line they do without 600 bytes each.
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

HTTPS_ONLY = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}

NEVER = (
    "Content-Security-Policy-Report-Only",
    "ETag",
    "Last-Modified",
    "Link",
    "NEL",
    "Refresh",
    "Report-To",
    "Reporting-Endpoints",
    "Set-Cookie",
    "SourceMap",
)
"""Headers that would mark a person, load something or tell somebody."""

_MORE = {
    Place.FORM: {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY + _VOICE,
        "Permissions-Policy": _PERMISSIONS_OF_PERSON,
    },
    Place.RETURN: {},
    Place.PERSON: {"Permissions-Policy": _PERMISSIONS_OF_PERSON},
    Place.ELSEWHERE: {},
}


def place(path: str, languages: Collection[str]) -> Place:
    """Return what a path is for; pages of people lie below a language."""
    language, _, rest = path.removeprefix("/").partition("/")
    if path in _PARTS:
        return Place.PART
    if language not in languages:
        return Place.ELSEWHERE
    if rest == _FACTS:
        return Place.PART
    if rest == _RETURN:
        return Place.RETURN
    return Place.FORM if rest in _FORM else Place.PERSON


def headers(at: Place, digests: Mapping[str, str], *, https: bool) -> dict[str, str]:
    """Return the headers of an answer; `digests` has the SHA-256 (hex) of each script's address."""
    first = _PART if at is Place.PART else ALWAYS | _MORE[at]
    made = first | (HTTPS_ONLY if https else {})
    if at in _AS_TEXT:
        texts = [_source(digests[address]) for address in _AS_TEXT[at] if address in digests]
        own = " ".join(("script-src 'self'", *texts))
        policy = made["Content-Security-Policy"].replace("script-src 'self'", own)
        made["Content-Security-Policy"] = policy
    return made


def _source(digest: str) -> str:
    """Return a SHA-256 in hex as a Content-Security-Policy names it."""
    return f"'sha256-{b64encode(bytes.fromhex(digest)).decode()}'"
