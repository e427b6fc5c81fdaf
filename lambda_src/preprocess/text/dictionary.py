"""The dictionary as SudachiPy loads it."""

from __future__ import annotations

from functools import cache

from sudachipy import Config, Dictionary

from . import dictionary_files


@cache
def load() -> Dictionary:
    """Load the dictionary, once a process. It is memory-mapped: threads share it."""
    try:
        files = dictionary_files.locate().result()
    except BaseException:
        dictionary_files.locate.cache_clear()  # the next invocation of a warm function tries again
        raise
    return Dictionary(config=Config(system=str(files.system), user=[str(files.user)] if files.user else None))
