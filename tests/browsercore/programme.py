"""What a page is told about its programme, as the tests give it: without keys and words."""

from datetime import date

import msgspec

from intake.core.outline import open_on, outline
from intake.core.programme import Programme


def data(programme: Programme, today: date, language: str = "en") -> dict[str, object]:
    """Return the outline as JSON reads it."""
    made = outline(programme, language, open_on(programme, today))
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(made))
    return {**found, "keys": {}, "words": ""}
