"""The headers of every answer, tried in Chromium and Firefox.

Rules: nothing from elsewhere, nothing kept by the browser, no cookie, nothing that tells one
person from another. No ETag and no Last-Modified: they would link an onion to its clearnet host.
"""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "payment",
        "usb",
    )
)

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

HTTPS_ONLY = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


def headers(*, https: bool) -> dict[str, str]:
    """Return the headers of an answer."""
    return ALWAYS | HTTPS_ONLY if https else dict(ALWAYS)
