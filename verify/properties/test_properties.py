"""All properties as tests: `pytest --pyargs verify.properties`.

`VERIFY_PROFILE=thorough` runs 10,000 examples of each; `VERIFY_SEED` chooses others.
"""

from __future__ import annotations

import os

import pytest

from verify.properties import Property, properties
from verify.properties.run import run_here

EXAMPLES = {"quick": 20, "thorough": 10_000}


@pytest.mark.parametrize("found", properties(), ids=lambda found: found.name)
def test_property(found: Property) -> None:
    """No example contradicts the property."""
    examples = EXAMPLES[os.environ.get("VERIFY_PROFILE", "quick")]
    outcome = run_here(found, examples, int(os.environ.get("VERIFY_SEED", "0")))
    assert outcome.passed, f"{outcome.reason}\n{outcome.counterexample}"
