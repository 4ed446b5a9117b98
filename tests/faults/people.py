"""The people who file while something breaks: half as a browser does, half without script.

Rules: nobody stops before she is told that it was kept; who got no answer sends the same again; an
answer that is neither what was asked for nor a refusal in words is written down.
"""

import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from html import unescape
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event

from intake.core import entry as entries
from intake.core import report, wire
from intake.core.entry import Entry, ReportBody
from intake.core.evidence import Evidence
from intake.crypto.derive import SECRET_BYTES, FilingSecret, WitnessKeys
from intake.crypto.keyring import Keyring
from intake.crypto.seal import Plaintext, seal
from intake.errors import WireError
from intake.server.nojs import parse_secret
from intake.server.tus import PATH as UPLOADS
from intake.wordlists import wordlist
from tests.media import pictures
from tests.support import multipart
from tests.support.filing import OFFICES, PROGRAMME
from tests.support.multipart import Chosen
from tests.support.sealed import PART, TUS, File, sealed_file
from tests.support.server import Answer, DemoServer
from tests.support.site import Page

ANSWER_SECONDS = 60
"""Who waits longer for an answer was given none."""
PATIENCE_SECONDS = 180
"""Longer than anything is broken for."""
_PAUSE_SECONDS = 0.2
_READING_SECONDS = 3
"""The longest that somebody looks at what is going to be sent."""
_PIECE = 64 * 1024
"""What is sent of a sealed file at once: most have one part, some twelve."""
_SIZES = (0, 1_000, 20_000, 60_000, 700_000)
_JSON = {"Content-Type": "application/json"}


class RefusedError(Exception):
    """She was told in words that it was not taken."""


class UnclearError(Exception):
    """She was told nothing that she could understand."""


class Person(ABC):
    """Somebody with one file. `kept` says that she was told that her case is kept."""

    def __init__(self, number: int, seed: str, keyring: Keyring) -> None:
        """Choose what happened to her and to nobody else."""
        random = Random(f"{seed}/{number}")  # noqa: S311 - the same in each run
        self.account = f"account {number} of {random.randbytes(4).hex()}"
        self.data = random.randbytes(random.choice(_SIZES))
        if number % 3 == 0:  # a copy is made of it, without what it tells
            self.data = pictures.telling_jpeg() + self.data
        self.secret = FilingSecret(random.randbytes(SECRET_BYTES))
        self.reads = random.uniform(0, _READING_SECONDS)
        self.urgent = number % 5 < 2
        self.kept = False
        self.refused = self.broken = 0
        self.unclear: list[str] = []
        self._keyring = keyring

    @abstractmethod
    def file(self, server: DemoServer) -> None:
        """Go on where the last try stood; raises RefusedError, UnclearError, OSError."""

    @property
    def words(self) -> str:
        """The ten words of her case."""
        return " ".join(self.secret.receipt().words(wordlist("en")))

    def persist(self, server: DemoServer, given_up: Event) -> None:
        """Try until it is kept; where one person cannot be helped, nobody goes on."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.kept and not given_up.is_set() and time.monotonic() < end:
            try:
                self.file(server)
                self.kept = True
            except RefusedError:
                self.refused += 1
            except UnclearError as error:
                self.unclear.append(str(error))
            except (OSError, HTTPException):
                self.broken += 1
            if not self.kept:
                given_up.wait(_PAUSE_SECONDS)
        if not self.kept:
            given_up.set()

    def withdraw(self, server: DemoServer, office: str) -> None:
        """Take her case back from an office that has not fetched it; raises as `file` does."""
        fields = [("words", self.words), ("what", "withdraw"), ("office", office), ("number", "0")]
        text = server.post("/en/end", fields).text
        if "It is removed" not in text:
            raise UnclearError(f"withdrawing was answered: {text[-300:]!r}")


class Scripted(Person):
    """Her browser seals, sends the file in parts, goes on where a line broke, then files."""

    def __init__(self, number: int, seed: str, keyring: Keyring) -> None:
        """Seal the file; the report waits for its name at the server."""
        super().__init__(number, seed, keyring)
        self._file: File = sealed_file(self.data, f"{number}.bin", "application/octet-stream")
        self._upload = ""
        self._sealed = b""

    def file(self, server: DemoServer) -> None:
        """Send what is missing of the file, then the case, each time the same bytes."""
        if not self._sealed:
            self._send_file(server)
            self._sealed = wire.encode(self._message())
            time.sleep(self.reads)
        answer = ask(server, "POST", "/api/v1/cases", self._sealed, _JSON)
        if answer.status == 409:  # the file is gone, so nothing was kept: she chooses it again
            self._upload, self._sealed = "", b""
        _expect_call(answer, 200)
        try:
            filed = wire.parse(answer.text.encode(), wire.Filed)
        except WireError as error:
            raise UnclearError(f"filing was answered: {answer.text[:200]!r}") from error
        if {one.reader for one in filed.deliveries} != set(OFFICES):
            raise UnclearError("an office is missing in the answer")

    def _send_file(self, server: DemoServer) -> None:
        size = len(self._file.data)
        if not self._upload:
            answer = ask(server, "POST", UPLOADS, b"", {**TUS, "Upload-Length": str(size)})
            _expect_call(answer, 201)
            self._upload = answer.headers["Location"]
        answer = ask(server, "HEAD", self._upload, None, TUS)
        if answer.status == 404:
            self._upload = ""
        _expect_call(answer, 200, has_body=False)
        at = int(answer.headers["Upload-Offset"])
        while True:  # once with nothing, where all is there: it may not be known to be whole
            part = self._file.data[at : at + _PIECE]
            headers = {**PART, "Upload-Offset": str(at)}
            answer = ask(server, "PATCH", self._upload, part, headers)
            _expect_call(answer, 204)
            at = int(answer.headers["Upload-Offset"])
            if at == size:
                return

    def _message(self) -> wire.Filing:
        keys = WitnessKeys.of(self.secret.receipt(), PROGRAMME.id)
        told = {name: getattr(self._file.told, name) for name in Evidence.__struct_fields__}
        file = Evidence(**{**told, "id": self._upload.rpartition("/")[2]})
        letters = tuple(self._letter(office, keys, file) for office in OFFICES)
        return wire.Filing(self.secret.case(), letters, keys.mailbox(), self.urgent)

    def _letter(self, office: str, keys: WitnessKeys, file: Evidence) -> wire.Letter:
        answers = {"account": self.account, "child": "yes"}
        answered = report.make(answers, PROGRAMME, "en", evidence=(file,))
        body = ReportBody(
            answers=answered.answers,
            contact="",
            digest=answered.digest,
            evidence=(file,),
            language="en",
            message_key=keys.message_key(office).hex(),
            reply_to=keys.recipient().raw,
            unscripted=False,
            version=answered.version,
        )
        today = datetime.now(UTC).date()
        entry = Entry(
            body=body,
            case=self.secret.case(),
            date=f"{today}+00:00",
            direction="in",
            format="intake/entry/v1",
            id=keys.entry("report", office),
            kind="report",
            mac="",
            office=office,
            programme=PROGRAMME.id,
            seen=(),
        )
        sealed = seal(Plaintext(entries.encode(entry)), self._keyring.recipients(office, today))
        header, payload = sealed.header.value, sealed.payload
        return wire.Letter(entry.id, (file.id,), header, "report", payload, office)


class Unscripted(Person):
    """She fills in the form, with a file, and sends what the review page carries."""

    def __init__(self, number: int, seed: str, keyring: Keyring) -> None:
        """Have no review page yet; its secret takes the place of the one made here."""
        super().__init__(number, seed, keyring)
        self._chosen = Chosen(f"{number}.bin", self.data)
        self._page: list[tuple[str, str]] = []

    def file(self, server: DemoServer) -> None:
        """Fill in the form, if there is no review page yet, then send that."""
        if not self._page:
            answer = self._post(server, "/en/", multipart.body(self._typed(), [self._chosen]))
            fields = Page.of(answer.text).fields
            if not {"report", "secret", "file"} <= {name for name, _ in fields}:
                raise UnclearError("the review page does not carry everything")
            if "office" not in dict(fields) and "takes nothing at this time" in answer.text:
                raise RefusedError(answer.text)  # the clock says that no key is valid
            self._page = [field for field in fields if field[0] not in ("end", "office")]
            self._page += [("office", office) for office in OFFICES]
            self._page += [("urgent", "1")] * self.urgent
            self.secret = parse_secret(dict(self._page)["secret"])
            time.sleep(self.reads)
        answer = self._post(server, "/en/send", multipart.body(self._page))
        if " ".join(Page.of(answer.text).words) != self.words:
            raise UnclearError("the words are not shown")

    def _typed(self) -> list[tuple[str, str]]:
        return [("account", self.account), ("child", "yes")]

    def _post(self, server: DemoServer, path: str, body: bytes) -> Answer:
        headers = {"Content-Type": multipart.TYPE, "Origin": server.origin}
        answer = ask(server, "POST", path, body, headers)
        if answer.status == 409:  # her file was swept away: she chooses it again
            self._page = []
        if answer.status != 200:
            raise _refusal_page(answer, self.account)
        return answer


def ask(
    server: DemoServer, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> Answer:
    """Return the answer to one request; raises UnclearError where none comes in a minute.

    A line that breaks raises OSError or HTTPException.
    """
    connection = HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return Answer(answer.status, text, dict(answer.getheaders()))
    except TimeoutError as error:
        raise UnclearError(f"{method} {path}: no answer in {ANSWER_SECONDS} s") from error
    finally:
        connection.close()


def _expect_call(answer: Answer, wanted: int, *, has_body: bool = True) -> None:
    """Raise RefusedError where a call was refused by a code and a sentence, else UnclearError."""
    if answer.status == wanted:
        return
    is_ours = answer.headers.get("Content-Type", "").startswith("application/json")
    try:
        is_clear = is_ours and (
            not has_body or bool(wire.parse(answer.text.encode(), wire.Refusal).message)
        )
    except WireError:
        is_clear = False
    # Her own case under her own secret, sealed once: it cannot be in conflict with itself.
    if answer.status < 400 or not is_clear or '"conflict"' in answer.text:
        raise UnclearError(f"{answer.status} {answer.text[:200]!r}")
    raise RefusedError(answer.text)


def _refusal_page(answer: Answer, account: str) -> Exception:
    """Return RefusedError for a page that says what is wrong and gives back what was typed."""
    text = unescape(answer.text)
    is_page = answer.headers.get("Content-Type", "").startswith("text/html") and "<main" in text
    is_told = 'role="alert"' in text and "Nothing was sent" in text
    if answer.status >= 400 and is_page and is_told and account in text:
        return RefusedError(text)
    return UnclearError(f"{answer.status} {text[-300:]!r}")
