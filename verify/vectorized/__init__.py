"""Rigorous arithmetic on NumPy arrays: many small intervals at a time, in double precision with outward rounding."""
