"""Sites for the tests of the server, closed at their end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intake.server.services import Services
from tests.support.site import Site, make_site

MakeSite = Callable[..., Site]


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[MakeSite]:
    """Make sites in folders of their own."""
    made: list[Site] = []

    def one(change: Callable[[Services], Services] = lambda s: s, **settings: object) -> Site:
        made.append(make_site(tmp_path / str(len(made)), change, **settings))
        return made[-1]

    yield one
    for site in made:
        site.services.records.close()


@pytest.fixture
def site(sites: MakeSite) -> Site:
    """Make one site with the usual settings."""
    return sites()
