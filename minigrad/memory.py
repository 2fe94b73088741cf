"""Memory kept by the process: large results without page faults, where the C library is glibc."""

from __future__ import annotations

import ctypes

__all__ = ["keep_memory"]

# The numbers of <malloc.h>: free memory above M_TRIM_THRESHOLD at the end of the heap goes back to the system, and a
# block above M_MMAP_THRESHOLD is asked of the system and goes back to it on its own. And one of <sys/mman.h>.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, MADV_HUGEPAGE = -1, -3, 14
MEGABYTE = 1 << 20
KEPT, HUGE_PAGE, ON_HUGE_PAGES = 1024 * MEGABYTE, 2 * MEGABYTE, 256 * MEGABYTE


def keep_memory(keep: bool = True) -> bool:
    """Let the process keep what it has freed, up to 1 GB, for its next large results; whether that took effect.

    The system hands out fresh memory a page at a time, each filled with zeros, and takes back what is freed. That can
    cost more than arithmetic: a million floats through the chain of benchmarks/chain.py take 10 ms, and 4 with this, a
    step of benchmarks/cnn.py 7.2 ms and 5.4. Pages of 2 MB are asked for as well.

    Nothing is changed at import, as it concerns the whole process, other libraries too, whose memory then stays at the
    most that it ever used. `keep_memory(False)` gives free memory back, and leaves the limits where glibc's own
    adaptation ends: 32 MB a block, 64 MB in all; to the adaptation itself there is no way back. Where the C library is
    not glibc (macOS, Windows, musl) nothing happens, and the result is False.

    >>> keep_memory() == keep_memory(False)
    True
    """
    try:
        libc = ctypes.CDLL(None)
        mallopt, malloc_trim = libc.mallopt, libc.malloc_trim
    except (AttributeError, OSError, TypeError):
        return False
    block, total = (KEPT, KEPT) if keep else (32 * MEGABYTE, 64 * MEGABYTE)
    # an older glibc takes blocks of at most 32 MB
    blocks = mallopt(M_MMAP_THRESHOLD, block) or mallopt(M_MMAP_THRESHOLD, 32 * MEGABYTE)
    took_effect = bool(blocks and mallopt(M_TRIM_THRESHOLD, total))
    if not keep:
        malloc_trim(0)
    elif took_effect:
        _ask_for_huge_pages(libc)
    return took_effect


def _ask_for_huge_pages(libc: ctypes.CDLL) -> None:
    """In the next 256 MB of the heap: a block of that size, freed again untouched, is where they will be."""
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.free.argtypes = [ctypes.c_void_p]
    block = libc.malloc(ON_HUGE_PAGES)
    if block:
        start = -(-block // HUGE_PAGE) * HUGE_PAGE  # a refusal changes nothing
        libc.madvise(start, (block + ON_HUGE_PAGES - start) // HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE)
        libc.free(block)
