"""Profiles of hypothesis, and a clean slate around every test."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator

import mpmath
import pytest
from flint import ctx
from hypothesis import HealthCheck, settings

_CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("quick", max_examples=60, derandomize=True, **_CALM)
settings.register_profile("thorough", max_examples=10_000, **_CALM)
settings.load_profile(os.environ.get("VERIFY_PROFILE", "quick"))


def pytest_configure(config: pytest.Config) -> None:
    """Declare the one marker; let interrupts through to what the tests start, also where CI itself runs behind `&`."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "many: a long table of like cases, of which the quick profile runs every fourth")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the quick profile, keep the first of every four cases of a test marked `many`; a test named by hand runs."""
    if os.environ.get("VERIFY_PROFILE", "quick") != "quick" or any("::" in argument for argument in config.args):
        return
    seen: Counter[str] = Counter()
    kept, left_out = [], []
    for item in items:
        table = item.nodeid.split("[")[0]
        is_many = item.get_closest_marker("many") is not None
        (left_out if is_many and seen[table] % 4 else kept).append(item)
        seen[table] += 1
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture(autouse=True)
def _fresh_precision() -> Iterator[None]:
    """Reset the process-wide precisions (trap 2 of DESIGN.md) around every test."""
    ctx.prec, mpmath.mp.dps = 53, 15
    yield
    ctx.prec, mpmath.mp.dps = 53, 15
