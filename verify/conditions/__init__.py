"""The hypotheses of the existence theorem on concrete problems: holds, fails with a witness, or undecided."""

from verify.conditions.check import Conditions, check_conditions
from verify.conditions.verdicts import IDS, Finding

__all__ = ["IDS", "Conditions", "Finding", "check_conditions"]
