"""A witness without JavaScript: what her review page sends, and what must come back."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from intake.core import programme as programmes
from intake.core import report
from intake.crypto.derive import FilingSecret
from intake.paths import shipped
from intake.wordlists import wordlist
from tests.support.server import DemoServer
from tests.support.site import Page

PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
OFFICES = ("investigators", "children")


def _secret() -> FilingSecret:
    return FilingSecret(secrets.token_bytes(32))


@dataclass
class Witness:
    """One witness and her page; `words` are those of the last answer, none before."""

    number: int
    secret: FilingSecret = field(default_factory=_secret)
    words: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """What happened to this witness and to no other."""
        return f"account number {self.number} of {self.secret.value.hex()[:8]}"

    @property
    def case(self) -> str:
        """The id of her case, computed apart from the server."""
        return self.secret.case()

    @property
    def own_words(self) -> tuple[str, ...]:
        """Her ten words, computed apart from the server."""
        return self.secret.receipt().words(wordlist("en"))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What her review page sends, the same each time."""
        made = report.make({"account": self.account, "child": "yes"}, PROGRAMME, "en")
        secret = urlsafe_b64encode(self.secret.value).rstrip(b"=").decode()
        offices = [("office", office) for office in OFFICES]
        return [("report", report.encode(made).decode()), ("secret", secret), *offices]

    def send(self, server: DemoServer) -> int:
        """Send it; return the status, and keep the words that a good answer shows."""
        answer = server.post("/en/send", self.fields)
        if answer.status == 200:
            self.words = tuple(Page.of(answer.text).words)
        return answer.status

    def come_back(self, server: DemoServer) -> int:
        """Type the words she was shown; return the status."""
        return server.post("/en/return", [("words", " ".join(self.words)), ("list", "")]).status
