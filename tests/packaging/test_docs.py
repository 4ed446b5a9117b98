"""Documents: each claim about security names a test that exists, each link leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLAIMS = "".join(
    (ROOT / "docs" / name).read_text("utf-8")
    for name in ("threat-model.md", "offline-form.md", "opener.md")
)
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "deploy").glob("*.md"),
    *(ROOT / "keys").glob("*.md"),
    *(path for path in (ROOT / "intake").rglob("*.md") if "node_modules" not in path.parts),
]


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(tests/[^`]+)`", CLAIMS))))
def test_documents_name_tests_that_exist(name: str) -> None:
    """A claim whose test was renamed or removed must be looked at again."""
    path, _, function = name.partition("::")
    assert f"def {function}(" in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(document: Path) -> None:
    """From the folder of the document itself."""
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []
