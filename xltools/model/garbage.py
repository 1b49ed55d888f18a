"""Python's search for circles of objects that nothing refers to any more, which takes long where
there are millions of objects.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS: Final = 100_000
"""New objects after which Python looks for such circles."""


@contextmanager
def few_searches() -> Iterator[None]:
    """Make Python look for circles of objects seldom. The records of thousands of returns contain
    none, and looking through them again and again takes an eighth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
