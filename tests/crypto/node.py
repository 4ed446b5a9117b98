"""The independent reader and writer: npm's `age-encryption`, run by the Node of PyPI's wheel."""

import base64
import json
import os
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# A bare name is looked for in the folder `node_modules` of the working directory.
NODE_MODULES = Path(os.environ.get("INTAKE_NODE_MODULES", TESTS / "node_modules"))
NODE = Path(sysconfig.get_path("scripts")) / "node"


def run(script: str, *args: str, data: bytes = b"") -> bytes:
    """Return what an ES module prints, given `data` on standard input; raises where it fails."""
    command = [str(NODE), "--input-type=module", "-e", script, "--", *args]
    result = subprocess.run(
        command, cwd=NODE_MODULES.parent, input=data, capture_output=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


@cache
def vectors() -> dict[str, bytes]:
    """Return all public vectors of `cctv-age` by name."""
    script = """
        import * as all from "cctv-age";
        const text = ([name, data]) => [name, Buffer.from(data).toString("base64")];
        console.log(JSON.stringify(Object.fromEntries(Object.entries(all).map(text))));
    """
    return {name: base64.b64decode(text) for name, text in json.loads(run(script)).items()}
