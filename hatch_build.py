"""The build hook: it makes what ships but is never committed, and places what lies elsewhere.

- Message catalogs are compiled, for wheels, sdists and editable installs alike. A wheel built
  from an sdist compiles them anew, so the two never disagree.
- `templates/` goes into a wheel as `intake/templates`. Not into an editable install, where
  hatchling's own setting for this would copy it once, and the copy would grow old.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedFilesHook(BuildHookInterface[BuilderConfig]):
    """Add to a build the files that `intake.paths.shipped` and the translations look for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogs, name them as artifacts since git ignores them, place templates.

        `version` is "standard" or "editable". Raises babel's PoFileError where a catalog cannot
        be read: half a language must not ship.
        """
        root = Path(self.root)
        for source in sorted(root.glob("intake/locale/*/LC_MESSAGES/intake.po")):
            target = compile_catalog(source)
            build_data["artifacts"].append(f"/{target.relative_to(root).as_posix()}")
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"][str(root / "templates")] = "intake/templates"


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
