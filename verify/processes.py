"""What processes that may die have in common: a limit on their memory, and the words for how they ended."""

from __future__ import annotations


def limit_memory(megabytes: int) -> None:
    """Let allocations beyond the present size plus so many megabytes fail, where the system can do that."""
    try:
        import resource
    except ImportError:
        return
    try:
        with open("/proc/self/statm") as stream:  # noqa: PTH123 - a file of the kernel
            present = int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        present = 0
    resource.setrlimit(resource.RLIMIT_AS, (present + megabytes * 2**20,) * 2)


def death(code: int) -> str:
    """Return how a process ended, from its exit code (negative: the signal that killed it)."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"
