"""What was loaded at the start stays: the collector need not walk it again and again."""

import gc

# Objects made before the collector looks at the young ones. Python's 700 (2,000 from 3.14) are a few lines of a page.
YOUNG, MIDDLE, OLD = 50_000, 20, 50


def settle() -> None:
    """Set aside everything that lives now, and look for cycles seldom from here on.

    Django's classes, templates and the drug data are several hundred thousand objects; without this each full
    collection walks all of them, in the middle of somebody's request. Call it once everything is imported, before a
    process forks: untouched memory stays shared.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
