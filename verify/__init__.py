"""Concrete problems: hypotheses, competitors, rigorous gains, certificates, audit.

Names are resolved when they are first used, so that `import verify` loads the standard library only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.auditor import audit
    from verify.certification import Certificate, certify
    from verify.conditions import Conditions, check_conditions
    from verify.errors import InputError
    from verify.problem import Problem

__version__ = "0.1.0"
__all__ = ["Certificate", "Conditions", "InputError", "Problem", "audit", "certify", "check_conditions"]

_HOMES = {
    "Certificate": "verify.certification",
    "Conditions": "verify.conditions",
    "InputError": "verify.errors",
    "Problem": "verify.problem",
    "audit": "verify.auditor",
    "certify": "verify.certification",
    "check_conditions": "verify.conditions",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
