"""What a canary says: a report that the server files itself, to see that reports are opened."""

import re

_TEXT = (
    "This is a trial by the server itself, and no person's report. Opened with intake open, it "
    "tells the server so and is gone. Code: {}"
)
_CODE = re.compile(re.escape(_TEXT).replace(r"\{\}", "([0-9a-f]{32})"))


def text(code: str) -> str:
    """Return the account of a canary; `code` is 16 random bytes in hex."""
    return _TEXT.format(code)


def code(account: object) -> str:
    """Return the code in an account, empty where it is no canary's."""
    found = _CODE.fullmatch(account) if isinstance(account, str) else None
    return found[1] if found else ""
