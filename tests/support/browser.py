"""A real Chromium, driven by a script of `tests/browser`."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.crypto import node


def drive(script: str, task: Mapping[str, object], seconds: int = 300) -> Any:  # noqa: ANN401 - JSON
    """Return what a script printed that was given `task`, both as JSON; raises where it fails."""
    chromium = next(p for p in map(shutil.which, ("chromium", "google-chrome-stable")) if p)
    done = subprocess.run(
        [str(node.NODE), str(node.TESTS / "browser" / script)],
        env={**os.environ, "INTAKE_CHROMIUM": chromium},
        input=json.dumps(task),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
