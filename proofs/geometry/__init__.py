"""Exact rational geometry: affine functions, polytopes, cells of balls; no tolerance decides anything."""
