"""Memory kept by the process: large results without page faults, where the C library is glibc."""

from __future__ import annotations

import ctypes

__all__ = ["keep_memory"]

# The numbers of glibc's <malloc.h>: free memory above M_TRIM_THRESHOLD at the end of the heap goes back to the system,
# and a block above M_MMAP_THRESHOLD is asked of the system and goes back to it on its own.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_GIGABYTE, _MEGABYTE = 1 << 30, 1 << 20


def keep_memory(keep: bool = True) -> bool:
    """Let the process keep what it has freed, up to 1 GB, for its next large results; whether that took effect.

    The system hands out fresh memory a page at a time, each filled with zeros: that costs more than the arithmetic of
    operations on a million numbers. Nothing is changed at import, as it concerns the whole process, other libraries
    too, and its memory then stays at the most that it ever used. `keep_memory(False)` gives free memory back and
    leaves the thresholds where glibc's own adaptation ends (32 MB a block, 64 MB in all); it has no way back to the
    adaptation itself. False, and nothing happens, without glibc: on macOS, Windows and musl.

    >>> keep_memory() == keep_memory(False)
    True
    """
    try:
        libc = ctypes.CDLL(None)
        mallopt, malloc_trim = libc.mallopt, libc.malloc_trim
    except (AttributeError, OSError, TypeError):
        return False
    block, total = (_GIGABYTE, _GIGABYTE) if keep else (32 * _MEGABYTE, 64 * _MEGABYTE)
    # up to glibc 2.34 a block may have 32 MB at the most
    took = mallopt(_M_TRIM_THRESHOLD, total) and (
        mallopt(_M_MMAP_THRESHOLD, block) or mallopt(_M_MMAP_THRESHOLD, 32 * _MEGABYTE)
    )
    if not keep:
        malloc_trim(0)
    return bool(took)
