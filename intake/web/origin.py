"""Where a form or a call was sent from: a page of ours, or another site.

Rules: without a cookie or token nothing else tells the two apart; Sec-Fetch-Site decides where a
browser sends it, else Origin must be ours.
"""

from urllib.parse import urlsplit

from flask import Request

from intake.errors import IntakeError


class OriginError(IntakeError):
    """A form or call that another site sent."""


def check_origin(incoming: Request, origin: str) -> None:
    """Raise OriginError unless the form was sent from our own page."""
    site = incoming.headers.get("Sec-Fetch-Site")
    sent = incoming.headers.get("Origin")
    same_host = bool(sent) and _host(str(sent)) == _host(origin)
    if site is not None and site != "same-origin":
        raise OriginError("this form was sent from another site, open it here and send it again")
    if site is None and not same_host:
        raise OriginError("this form was sent from another site, open it here and send it again")


def check_call(incoming: Request, origin: str) -> None:
    """Raise OriginError where a browser calls from another site; programs name none."""
    if "Sec-Fetch-Site" in incoming.headers or "Origin" in incoming.headers:
        check_origin(incoming, origin)


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
