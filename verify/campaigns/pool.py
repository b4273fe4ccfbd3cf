"""A campaign on this machine: supervised processes, each fed by a thread that only waits."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from verify.campaigns.item import Item
from verify.campaigns.outcome import Limits, Outcome
from verify.campaigns.supervision import Supervised

AHEAD = 4
"""Problems handed out in advance for each process."""


def outcomes(tasks: Iterator[tuple[Item, str]], limits: Limits, jobs: int) -> Generator[tuple[Item, Outcome]]:
    """Yield items with their outcomes as they are finished; tasks, items with their texts, are taken as needed.

    Closing the iterator stops the processes at once.
    """
    own = threading.local()
    processes: list[Supervised] = []

    def run(text: str) -> Outcome:
        if not hasattr(own, "process"):
            own.process = Supervised(limits)
            processes.append(own.process)
        outcome: Outcome = own.process.run(text)
        return outcome

    executor = ThreadPoolExecutor(jobs)
    waiting: dict[Future[Outcome], Item] = {}
    try:
        while True:
            for item, text in islice(tasks, jobs * AHEAD - len(waiting)):
                waiting[executor.submit(run, text)] = item
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.stop()
        executor.shutdown()
