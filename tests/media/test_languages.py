"""The browser and Python say the same of every file, and make the same copy."""

import hashlib
import json
import random
import subprocess
from pathlib import Path

import pytest

from tests.crypto.node import NODE
from tests.media import samples
from tests.media.copies import cleaned, inspected

SCRIPT = Path(__file__).parent / "inspect.mjs"
MUTATIONS = 60
"""Of each sample. More found nothing new: 10,000 files took 3 s."""


def _files() -> dict[str, bytes]:
    rng = random.Random(20261124)  # noqa: S311 - the same files each time
    files = samples.every()
    for name, data in samples.every().items():
        for index in range(MUTATIONS):
            files[f"{name}.{index}"] = samples.mutated(rng, data)
    return files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every sample and its mutations."""
    path = tmp_path_factory.mktemp("media")
    for name, data in _files().items():
        (path / name).write_bytes(data)
    return path


def test_both_languages_say_the_same_and_make_the_same_copy(folder: Path) -> None:
    """Type, findings, warning and the bytes of the cleaned copy, of thousands of files."""
    result = subprocess.run(
        [str(NODE), str(SCRIPT), str(folder)], capture_output=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr.decode()
    browser = json.loads(result.stdout)
    files = sorted(folder.iterdir())
    assert len(files) == len(browser) == len(samples.every()) * (1 + MUTATIONS)
    for file in files:
        data = file.read_bytes()
        found = inspected(data)
        assert browser[file.name] == {
            "type": found.type,
            "findings": [[finding.code, finding.value] for finding in found.findings],
            "warning": found.warning,
            "cleaned": hashlib.sha256(cleaned(data)).hexdigest(),
        }, file.name


def test_the_mutations_reach_every_answer() -> None:
    """Were all of them damaged, the two languages would agree on little."""
    warnings = [inspected(data).warning for data in _files().values()]
    assert {"", "damaged", "document", "video", "audio", "unknown"} == set(warnings)
    assert warnings.count("") > 400
