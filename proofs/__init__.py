"""Exact objects: responses, networks, limits, ramps. No floating point, no files."""
