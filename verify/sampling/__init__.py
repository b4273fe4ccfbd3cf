"""Random exact objects, built from integers that someone chooses: a seeded generator, or hypothesis.

Everything is constructed, nothing is filtered: a response of a wanted case, a target with a known fault. Small choices
give simple objects, so that hypothesis shrinks to something readable. `verify.strategies` is the form for tests,
generator files of campaigns (`verify.campaigns.generator`) the form for many problems.
"""
