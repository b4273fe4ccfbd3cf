"""Exact real constants and the proof of their signs."""
