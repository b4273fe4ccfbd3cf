"""Expansions of parameters that depend on k -> 0+: Puiseux series and germs."""
