"""Whole families of networks: every kappa in (0, kappa*] beats the response, proved for all of them at once."""

from verify.ramp_families.proof import FamilyProof, Stretch, prove_family

__all__ = ["FamilyProof", "Stretch", "prove_family"]
