"""Chance that comes again: what Hypothesis draws is a seed, and the rest follows from it."""

from random import Random


def chance_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311  not for secrets
