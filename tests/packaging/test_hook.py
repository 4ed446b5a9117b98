"""What the build hook makes is the same whenever it is made."""

import shutil
from pathlib import Path

from hatch_build import compile_catalog
from intake.paths import shipped


def test_catalog_names_no_time_of_its_build(tmp_path: Path) -> None:
    """Or two builds a minute apart would differ, and nobody could compare a release."""
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = shutil.copy(shipped("locale") / "es" / "LC_MESSAGES" / "intake.po", folder)
    made = compile_catalog(Path(source)).read_bytes()
    assert b"POT-Creation-Date: 2020-02-02 00:00+0000" in made
    assert made.count(b"Date: 20") == 1
