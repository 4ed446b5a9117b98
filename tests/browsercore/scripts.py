"""The scripts of this folder, run by the Node of PyPI's wheel: JSON in, JSON out."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.crypto import node

HERE = Path(__file__).parent


def run(script: str, task: Mapping[str, object], *flags: str, **env: str) -> Any:  # noqa: ANN401 - JSON
    """Return what a script printed that was given `task`; raises where it fails."""
    done = subprocess.run(
        [str(node.NODE), "--disable-warning=ExperimentalWarning", *flags, str(HERE / script)],
        env={**os.environ, **env},
        input=json.dumps(task),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
