"""The public site in this process: the built-in programme, fresh keys, no socket."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake.cli.keys import add
from intake.core import programme as programmes
from intake.crypto import keyring
from intake.crypto.unseal import HybridIdentity, generate_hybrid
from intake.paths import shipped
from intake.server.app import make_app
from intake.server.assemble import assemble
from intake.server.config import Config
from intake.server.services import Services
from intake.store import migrate
from intake.store.database import Database

ORIGIN = "http://site.test"
TODAY = date(2026, 11, 24)
KEYS_UNTIL = TODAY + timedelta(days=365)
FORM = "application/x-www-form-urlencoded"

Fields = Sequence[tuple[str, str]]


@dataclass
class Site:
    """A site and the secret keys of its offices."""

    services: Services
    client: FlaskClient
    identities: dict[str, HybridIdentity]

    def post(self, path: str, fields: Fields, *, end: bool = True) -> TestResponse:
        """Send a form as the site's own page would."""
        marked = [*fields, ("end", "1")] if end else [*fields]
        return self.raw(path, urlencode(marked).encode())

    def raw(
        self, path: str, body: bytes, media_type: str = FORM, origin: str = ORIGIN
    ) -> TestResponse:
        """Send any body."""
        headers = {"Origin": origin, "Host": "site.test"}
        return self.client.post(path, data=body, content_type=media_type, headers=headers)

    def review(self, fields: Fields, language: str = "en") -> "Page":
        """Return the review page that these answers lead to."""
        answer = self.post(f"/{language}/", fields)
        assert answer.status_code == 200, answer.text
        return Page.of(answer.text)

    def count(self) -> int:
        """Return how many entries all offices may fetch."""
        records = self.services.records
        return sum(
            len(records.items(office, day.day))
            for office in self.identities
            for day in records.days(office)
        )


class Page(HTMLParser):
    """What a test looks at in a page: fields with their values, words, attributes, text."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.text = ""
        self._inside: list[str] = []
        self._area = ""

    @classmethod
    def of(cls, text: str) -> "Page":
        """Return the page of an answer."""
        page = cls()
        page.feed(text)
        return page

    def value(self, name: str) -> str:
        """Return the first value of a field."""
        return next(value for field, value in self.fields if field == name)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note fields as a browser would send them."""
        found = dict(attrs)
        self.tags.append((tag, found))
        self._inside.append(tag)
        name = found.get("name") or ""
        if tag == "input":
            ticked = found.get("type") not in ("checkbox", "radio") or "checked" in found
            if ticked and found.get("type") != "file":
                self.fields.append((name, found.get("value") or ""))
        elif tag == "textarea" and name:
            self._area = name
            self.fields.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave a tag."""
        if tag == "textarea" and self._area:
            # HTML drops one line end after the tag.
            name, value = self.fields[-1]
            self.fields[-1] = (name, value.removeprefix("\r\n"))
            self._area = ""
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note text, words and what stands in a textarea."""
        self.text += data
        if self._area:
            name, value = self.fields[-1]
            self.fields[-1] = (name, value + data)
        if self._inside[-1:] == ["b"] and "ol" in self._inside:
            self.words.append(data)


def make_site(
    folder: Path, change: Callable[[Services], Services] = lambda s: s, **settings: object
) -> Site:
    """Return a site with fresh keys in a folder; `change` may put fakes into its services.

    It has no script, whether or not the checkout was built.
    """
    programme = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
    identities = {}
    for office in programme.keyed:
        for role in ("recovery", "working"):
            identities[office.id] = generate_hybrid()
            note = keyring.note(role, TODAY, KEYS_UNTIL)
            add(folder / "keys", office.id, identities[office.id], note)
    config = Config(
        keys=str(folder / "keys"),
        data=str(folder / "data"),
        origin=ORIGIN,
        posts_per_minute=100_000,
        posts_per_address=100_000,
    )
    database = Database(folder / "data")
    migrate.migrate(database)
    database.close()
    services = assemble(replace(config, **settings), TODAY)  # type: ignore[arg-type] # a test's own settings
    services = change(replace(services, today=lambda: TODAY, assets={}))
    return Site(services, make_app(services).test_client(), identities)
