"""Enclosures of integrals over cells: exact rationals where the integrand is polynomial, balls otherwise."""

from verify.integration.integrator import Deadline, Integral, Integrator
from verify.integration.intervals import interval

__all__ = ["Deadline", "Integral", "Integrator", "interval"]
