"""A campaign on a Dask cluster: the scheduler hands out problems, each worker thread has a supervised process.

A lost worker costs nothing: its problems go to others. Workers need this package; one thread each is enough, more
threads mean more processes.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from verify import __version__
from verify.campaigns.item import Item
from verify.campaigns.outcome import Limits, Outcome
from verify.campaigns.supervision import Supervised
from verify.errors import InputError

try:
    from distributed import Client, Future, KilledWorker, as_completed
except ModuleNotFoundError:
    words = "dask[distributed] is not installed; try: pip install 'relu-closure[cluster]'"
    raise InputError(words, source="--scheduler") from None

AHEAD = 4
"""Problems handed out in advance for each thread of the cluster."""

CONNECT_SECONDS = 10
_CENSUS_SECONDS = 2.0
_own = threading.local()


def outcomes(tasks: Iterator[tuple[Item, str]], limits: Limits, scheduler: str) -> Generator[tuple[Item, Outcome]]:
    """Yield items with their outcomes as they are finished; tasks, items with their texts, are taken as needed.

    Raises InputError if the scheduler cannot be reached or is lost, or a worker has another version of this package.
    """
    with _connected(scheduler) as client:
        _check_versions(client, scheduler)
        waiting: dict[Future, Item] = {}
        finished = as_completed(loop=client.loop, with_results=True, raise_errors=False)
        room, counted = 0, 0.0
        try:
            while True:
                if time.monotonic() - counted > _CENSUS_SECONDS:
                    room, counted = AHEAD * max(1, sum(client.nthreads().values())), time.monotonic()
                for item, text in islice(tasks, max(0, room - len(waiting))):
                    future = client.submit(_run, text, limits.timeout, limits.memory, pure=False)
                    waiting[future] = item
                    finished.add(future)
                if not waiting:
                    return
                for future, result in finished.next_batch():
                    yield waiting.pop(future), _outcome(future, result, scheduler)
        finally:
            client.cancel(list(waiting))


def _connected(scheduler: str) -> Client:
    try:
        address = urlsplit(scheduler)
        if address.hostname is None or address.port is None:
            raise ValueError("no host or no port")
        socket.create_connection((address.hostname, address.port), CONNECT_SECONDS).close()
        return Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        words = f"no Dask scheduler answers ({error or type(error).__name__}); expected tcp://HOST:PORT"
        raise InputError(words, source=scheduler) from None


def _check_versions(client: Client, scheduler: str) -> None:
    try:
        versions = set(client.run(_version).values())
    except ModuleNotFoundError as error:
        raise InputError(f"a worker cannot import this package: {error}", source=scheduler) from None
    if versions - {__version__}:
        words = f"the workers have version {', '.join(sorted(versions))} of relu-closure, this is {__version__}"
        raise InputError(words, source=scheduler)


def _version() -> str:
    return __version__


def _run(text: str, timeout: float, memory: int) -> dict[str, Any]:
    """Run one problem; on the cluster."""
    limits = Limits(timeout, memory)
    if getattr(_own, "limits", None) != limits:
        _own.process, _own.limits = Supervised(limits), limits
    outcome: Outcome = _own.process.run(text)
    return outcome.as_mapping()


def _outcome(future: Future, result: Any, scheduler: str) -> Outcome:
    if future.status == "finished":
        return Outcome.from_mapping(result)
    if future.status == "error":
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Outcome().failed("crash", "the workers that tried it died")
        raise InputError(f"a worker failed: {type(error).__name__}: {error}", source=scheduler)
    raise InputError("the scheduler was lost; run again to continue", source=scheduler)
