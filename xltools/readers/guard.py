"""Libraries that fail: neither an exception nor a panic of theirs is a crash of ours."""

from collections.abc import Callable
from typing import TypeVar

from xltools.model.errors import ReadError

T = TypeVar("T")


def guarded(read: Callable[[], T | None]) -> T | None:
    """What a library gives, or None when it fails, be it by a panic, which is no Exception.

    Raises ReadError and MemoryError as they come, and what is not an error, as an interrupt.
    """
    try:
        return read()
    except (ReadError, MemoryError):
        raise
    except Exception:
        return None
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            return None
        raise
