"""How far tests go. `make deep` sets COMPTOIR_DEEP: what takes minutes runs too, and more is tried at random.

A test that is marked `deep` runs only then.
"""

import os

from hypothesis import settings

DEEP = "COMPTOIR_DEEP" in os.environ
settings.register_profile("deep", max_examples=1000, deadline=None)  # for tests that name no number of their own
if DEEP:
    settings.load_profile("deep")


def times(few: int, many: int) -> int:
    """How many examples are tried: few each time, many when tests go deep."""
    return many if DEEP else few
