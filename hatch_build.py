"""The build hook: it makes what ships but is never committed.

Compiled message catalogs, for wheels, sdists and editable installs alike. A wheel built from an
sdist makes them anew, so the two never disagree.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogHook(BuildHookInterface[BuilderConfig]):
    """Compile every `intake/locale/<language>/LC_MESSAGES/intake.po` to the `.mo` beside it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile the catalogs and name them as artifacts, since git ignores them.

        Raises babel's PoFileError where a catalog cannot be read: half a language must not ship.
        """
        root = Path(self.root)
        for source in sorted(root.glob("intake/locale/*/LC_MESSAGES/intake.po")):
            target = compile_catalog(source)
            build_data["artifacts"].append(f"/{target.relative_to(root).as_posix()}")


def compile_catalog(source: Path) -> Path:
    """Write the `.mo` of the catalog `source` beside it and return its path.

    Fuzzy messages stay out: a guessed translation of a warning can hurt someone.
    """
    target = source.with_suffix(".mo")
    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parts[-3], domain="intake", abort_invalid=True)
    with target.open("wb") as compiled:
        write_mo(compiled, catalog)
    return target
