"""A report filed at a site goes to an office by mail, and opens there with programs of others."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake.cli import intake as command
from intake.core.evidence import Evidence
from intake.delivery import sender, settings
from intake.delivery.letters import Writer
from intake.delivery.worker import Worker
from intake.server import nojs
from intake.store.blobs import Blobs
from intake.store.database import Database
from intake.store.outbox import Outbox
from intake.store.uploads import Uploads
from intake.web import i18n
from tests.crypto import node
from tests.delivery.post import MORNING, ORIGIN, keep_password, toml
from tests.support.mail import Authority, MailServer
from tests.support.sealed import filing, sealed_file, send
from tests.support.site import Site, make_site

PLAIN = b"a photograph" * 1000
ACCOUNT = "They took the list of names."
OFFICE = "investigators"

OPENED = """
    import { readFileSync } from "node:fs";
    import { Decrypter } from "age-encryption";
    const d = new Decrypter();
    d.addIdentity(process.argv[2]);
    process.stdout.write(await d.decrypt(readFileSync(process.argv[1])));
"""


@dataclass(frozen=True)
class Sent:
    """A site, the office's mailbox with all attachments saved, and the text that came."""

    site: Site
    folder: Path
    text: str
    raw: bytes
    evidence: Evidence

    @property
    def secret(self) -> str:
        """The office's secret key."""
        return self.site.identities[OFFICE].secret_text()


def sent(folder: Path, known: Authority, server: MailServer, room: int) -> Sent:
    """File a report with a file, and let the worker send it to an office that has no desk."""
    site = make_site(folder)
    told = send(site, sealed_file(PLAIN))
    nojs.file(site.services, filing(site, told))
    text = toml(server.port, known.ca_file, keep_password(folder))
    for ours, theirs in (("inv", OFFICE), ("det", "children")):
        text = text.replace(f"offices.{ours}]", f"offices.{theirs}]")
    made = settings.parse(text, "mail.toml", site.services.programme)
    office = replace(made.offices[OFFICE], attach=True, attach_bytes=room)
    made = replace(made, offices={OFFICE: office})
    now = [MORNING - 3600]
    with closing(Database(folder / "data")) as database:
        worker = Worker(
            made,
            Outbox(database, lambda size: b"\1" * size),
            Uploads(database, Blobs(folder / "data" / "evidence", 0)),
            Writer(ORIGIN, site.services.programme, {"en": i18n.load("en", "mail")}),
            partial(
                sender.dial, made.smtp, settings.password(made.smtp), settings.context(made.smtp)
            ),
            lambda: now[0],
            lambda size: b"\1" * size,
        )
        worker.once()
        now[0] = MORNING
        worker.once()
    (received,) = server.mails
    mailbox = folder / "mailbox"
    mailbox.mkdir()
    for part in received.mail.iter_attachments():
        (mailbox / str(part.get_filename())).write_bytes(part.get_content())
    body = received.mail.get_body()
    assert body is not None
    return Sent(site, mailbox, body.get_content(), received.data, told)


@pytest.fixture
def whole(tmp_path: Path, known: Authority, server: MailServer) -> Iterator[Sent]:
    """Send an entry with room for its file."""
    made = sent(tmp_path, known, server, 10 << 20)
    yield made
    made.site.services.records.close()


def entry_of(sent_: Sent) -> Path:
    """Return the attached entry."""
    (found,) = [p for p in sent_.folder.iterdir() if p.stem != sent_.evidence.id]
    return found


def test_attached_entry_opens_in_an_independent_program(whole: Sent) -> None:
    """Npm's age-encryption, with the office's key and nothing of ours; the file by its own key."""
    plain = json.loads(node.run(OPENED, str(entry_of(whole)), whole.secret))
    assert plain["body"]["answers"]["account"] == ACCOUNT
    assert plain["id"] == entry_of(whole).stem
    (told,) = plain["body"]["evidence"]
    path = whole.folder / f"{told['id']}.age"
    assert node.run(OPENED, str(path), told["key"])[: told["length"]] == PLAIN


def test_attached_entry_opens_as_the_mail_says(whole: Sent, tmp_path: Path) -> None:
    """By the command that stands in it, where everything was saved."""
    identity = tmp_path / "identity.txt"
    identity.write_text(whole.secret + "\n")
    (line,) = [one for one in whole.text.splitlines() if "intake open" in one]
    words = line.replace("FILE", str(identity)).replace("opened", str(tmp_path / "opened")).split()
    words[2] = str(whole.folder / words[2])
    found = CliRunner().invoke(command, words[1:])
    assert found.exit_code == 0, found.output
    assert ACCOUNT in found.output
    (opened,) = [path for path in (tmp_path / "opened").rglob("*") if path.is_file()]
    assert opened.read_bytes() == PLAIN


def test_mail_names_no_case_and_no_word_of_it(whole: Sent) -> None:
    """In heads, text and names of attachments there are random ids alone."""
    plain = json.loads(node.run(OPENED, str(entry_of(whole)), whole.secret))
    for secret in (plain["case"], ACCOUNT, "photo.jpg", plain["programme"], "2026-11-24"):
        assert secret.encode() not in whole.raw


def test_witness_sees_that_it_was_fetched(whole: Sent) -> None:
    """From the moment the mail server took it."""
    plain = json.loads(node.run(OPENED, str(entry_of(whole)), whole.secret))
    (delivery,) = whole.site.services.records.status(plain["case"]).deliveries
    assert delivery.fetched is not None


def test_file_that_does_not_fit_is_fetched(
    tmp_path: Path, known: Authority, server: MailServer
) -> None:
    """The mail says how; the entry comes all the same."""
    cut = sent(tmp_path, known, server, 1000)
    assert [path.suffix for path in cut.folder.iterdir()] == [".age"]
    assert f"intake open --server {ORIGIN} --office {OFFICE}" in cut.text
    assert cut.evidence.id.encode() not in cut.raw
    cut.site.services.records.close()
