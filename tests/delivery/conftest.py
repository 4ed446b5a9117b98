"""An authority for mail servers, made once, and a place where mail is sent from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.post import Post
from tests.support.mail import Authority, MailServer, authority, mail_server


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make the authority that our settings name."""
    return authority(tmp_path_factory.mktemp("known"))


@pytest.fixture
def server(known: Authority) -> Iterator[MailServer]:
    """Run a mail server."""
    with mail_server(known) as running:
        yield running


@pytest.fixture
def post(tmp_path: Path, known: Authority, server: MailServer) -> Iterator[Post]:
    """Make a store, settings and a worker whose clock stands still until it is moved."""
    made = Post(tmp_path, known.ca_file, server.port)
    yield made
    made.close()
