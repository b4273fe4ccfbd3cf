"""The same problem gives the same bytes: in another process, folder, time zone, and order of hashes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.auditor.bases import BASES
from verify.certificates import as_text

ROOT = Path(__file__).parent.parent.parent
COMMANDS = [
    *(["certify", f"example:{name}", "-o", f"{name}.json"]
      for name in ("step-identity", "residual-mix", "always-active", "kink-three-halves", "search-exponential")),
    *(["conditions", f"example:{name}", "-o", f"{name}-conditions.json"]
      for name in ("three-discs", "zero-line", "soft-labels", "gap", "sine-exponential")),
    ["activations", "tanh", "elu", "cubic", "relu", "-o", "."],
]  # fmt: skip
CODE = f"from verify.cli import main\nfor command in {COMMANDS!r}: assert main(command) in (0, 1, 3)"


def test_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    found = []
    for seed, zone in (("1", "UTC"), ("2", "Asia/Kathmandu")):
        folder = tmp_path / f"folder {seed}"
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
        subprocess.run([sys.executable, "-c", CODE], cwd=folder, env=environment, check=True, capture_output=True)
        found.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("*.json")})
        assert not any(str(tmp_path).encode() in p.read_bytes() for p in folder.glob("*.json"))
    assert found[0] == found[1]
    assert len(found[0]) > 20


@pytest.mark.parametrize("name", BASES)
def test_write_read_write(name: str) -> None:
    text = as_text(BASES[name]())
    assert as_text(json.loads(text)) == text
    assert list(json.loads(text))[:2] == ["format", "kind"] and list(json.loads(text))[-1] == "digest"
