"""The process that works: `python -m verify.campaigns.worker TIMEOUT MEMORY`, problems in, outcomes out.

One JSON object a line. In: `{"text"}`. Out: `{"ready"}` when it waits for a problem, `{"outcome"}` whenever it knows
more about the present one. It ends when its input ends, so that a killed parent leaves nothing behind; should it be
stuck in C then, it ends soon after the timeout.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import sys
import threading
from typing import IO, Any

from verify.campaigns.outcome import Limits
from verify.campaigns.trial import stages
from verify.processes import limit_memory

MARGIN = 2.0
"""Seconds after the timeout: by then a living parent has ended the process."""


def main(arguments: list[str]) -> None:
    """Serve until the input ends."""
    limits = Limits(float(arguments[0]), int(arguments[1]))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed must not get in between
    requests: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin, requests), daemon=True).start()
    limit_memory(limits.memory)
    _send(answers, {"ready": True})
    while True:
        text = json.loads(requests.get())["text"]
        faulthandler.dump_traceback_later(limits.timeout + MARGIN, exit=True)
        for outcome in stages(text, limits):
            _send(answers, {"outcome": outcome.as_mapping()})
        faulthandler.cancel_dump_traceback_later()
        _send(answers, {"ready": True})


def _listen(source: IO[str], requests: queue.SimpleQueue[str]) -> None:
    for line in source:
        requests.put(line)
    os._exit(0)


def _send(answers: IO[str], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
