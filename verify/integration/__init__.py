"""Enclosures of integrals over cells: exact rationals where the integrand is polynomial, balls otherwise."""

from verify.integration.deadline import Deadline
from verify.integration.integrator import Integral, Integrator
from verify.integration.intervals import interval

__all__ = ["Deadline", "Integral", "Integrator", "interval"]
