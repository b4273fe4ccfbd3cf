"""Profiles of hypothesis, and a clean slate around every test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import mpmath
import pytest
from flint import ctx
from hypothesis import HealthCheck, settings

_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("quick", max_examples=60, derandomize=True, **_CALM)
settings.register_profile("thorough", max_examples=10_000, **_CALM)
settings.load_profile(os.environ.get("VERIFY_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def _fresh_precision() -> Iterator[None]:
    """Reset the process-wide precisions (trap 2 of DESIGN.md) around every test."""
    ctx.prec, mpmath.mp.dps = 53, 15
    yield
    ctx.prec, mpmath.mp.dps = 53, 15
