"""The interpreter's search for cycles: seldom, since work in sets makes many objects and no cycles.

A set of a thousand subscriptions is some hundred thousand objects that live until its commit. With
the interpreter's own thresholds half of a renewal's time went into looking through them.
"""

import gc

# Allocations that outlive their release before the youngest are looked through.
YOUNG = 100_000
OLDER = 10


def search_seldom() -> None:
    """To be called once all is imported and built; what exists by then is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
