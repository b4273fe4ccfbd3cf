"""Concrete problems: hypotheses, competitors, rigorous gains, certificates, audit."""
