"""How many examples a property gets: few in the quick profile where one is slow, all of the thorough one."""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("VERIFY_PROFILE", "quick")


def examples(quick: int) -> settings:
    """Settings of `quick` examples; those of the profile if it is another."""
    return settings(max_examples=quick) if PROFILE == "quick" else settings()
