"""The results of a campaign: a directory with one SQLite file, and certificates beside it.

    campaign.sqlite      tables `results` (one row a problem), `timings`, `about`
    certificates/ID.json one for each dominated problem
    problems/ID.toml     generated problems that were not dominated, for use with the other commands

A certificate is written before its row, a row is one transaction: after a kill at any moment the table holds what was
finished, and a row never promises a certificate that is not there. The same suite gives the same table `results`
however often it is interrupted; what depends on the clock is in `timings`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from verify import __version__
from verify.campaigns.item import Item
from verify.campaigns.outcome import Limits, Outcome
from verify.certificates import write_text
from verify.errors import InputError

FILE = "campaign.sqlite"
FORMAT = "relu-closure-campaign/1"
COLUMNS = (
    "id", "digest", "name", "verdict", "reason", "failure", "inputs", "loss", "architecture", "width", "theorem",
    "conditions", "case", "dimension", "neurons", "response_risk", "network_risk", "gain", "audit", "audit_reason",
    "certificate_bytes", "timeout", "memory", "version",
)  # fmt: skip
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS results ({", ".join(f'"{c}"' for c in COLUMNS)}, PRIMARY KEY (id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timings (id TEXT PRIMARY KEY, seconds REAL, finished TEXT) WITHOUT ROWID;
"""
_SAVE = f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * len(COLUMNS))})"


class Store:
    """The results in a directory, open for one campaign at a time."""

    def __init__(self, directory: Path, identity: str) -> None:
        """Open or create. Raises InputError if another suite's results are there, or another campaign is running."""
        self.directory = directory
        self._folders: set[Path] = set()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(directory / "campaign.lock")
            self._database = sqlite3.connect(directory / FILE, isolation_level=None)
            try:
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = NORMAL")
                self._database.executescript(_SCHEMA)
                for key, value in (("format", FORMAT), ("suite", identity)):
                    self._database.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (key, value))
                about = dict(self._database.execute("SELECT key, value FROM about"))
            except BaseException:
                self.close()
                raise
        except OSError as error:
            raise InputError(f"cannot be used: {error.strerror or error}", key="--out", source=str(directory)) from None
        except sqlite3.Error as error:
            raise InputError(f"cannot be used: {error}", key="--out", source=str(directory / FILE)) from None
        if about != {"format": FORMAT, "suite": identity}:
            self.close()
            raise InputError("holds the results of another suite; name another directory", source=str(directory))

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._database.close()
        self._lock.close()

    def verdicts(self, items: Sequence[Item], limits: Limits) -> dict[str, tuple[str, str, str]]:
        """Return (verdict, failure, audit) of those items, by id, whose results can be kept.

        Kept is what belongs to the same problem and has its certificate; what ended for lack of time or memory is kept
        unless the limits are wider now.
        """
        marks = ", ".join("?" * len(items))
        rows = self._database.execute(
            "SELECT id, digest, verdict, failure, audit, certificate_bytes, timeout, memory FROM results "
            f"WHERE id IN ({marks})",
            [item.id for item in items],
        )
        found = {row[0]: row[1:] for row in rows}
        result = {}
        for item in items:
            digest, verdict, failure, audit, size, timeout, memory = found.get(item.id, (None,) * 7)
            if digest != item.digest or (verdict == "dominated" and not self._has_certificate(item.id, size)):
                continue
            settled = failure == "input" or verdict == "not-dominated" or audit in ("valid", "invalid")
            if settled or (timeout >= limits.timeout and memory >= limits.memory):
                result[item.id] = (verdict, failure, audit or "")
        return result

    def save(self, item: Item, outcome: Outcome, limits: Limits, problem: str | None, finished: str) -> None:
        """Keep an outcome: the certificate and the text of the problem, where there are any, first, then the row."""
        certificate = outcome.certificate
        files = {f"certificates/{item.id}.json": certificate, f"problems/{item.id}.toml": problem}
        for name, text in files.items():
            if text is not None:
                self._write(name, text)
        values: dict[str, Any] = {
            **outcome.as_mapping(),
            "id": item.id,
            "digest": item.digest,
            "certificate_bytes": None if certificate is None else len(certificate.encode()),
            "timeout": limits.timeout,
            "memory": limits.memory,
            "version": __version__,
        }
        row = [json.dumps(v) if isinstance(v, Mapping) else v for v in (values[c] for c in COLUMNS)]
        with self._database:
            self._database.execute("BEGIN")
            self._database.execute(_SAVE, row)
            timing = (item.id, outcome.seconds, finished)
            self._database.execute("INSERT OR REPLACE INTO timings VALUES (?, ?, ?)", timing)
        for name, text in files.items():
            if text is None:
                (self.directory / name).unlink(missing_ok=True)

    def _write(self, name: str, text: str) -> None:
        path = self.directory / name
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            for left in path.parent.glob(".*"):  # of a process that was killed while it wrote
                left.unlink()
            self._folders.add(path.parent)
        write_text(path, text)

    def _has_certificate(self, id: str, size: int | None) -> bool:
        try:
            return (self.directory / f"certificates/{id}.json").stat().st_size == size
        except OSError:
            return False


def rows(directory: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a campaign in order of ids, with `seconds` and `finished`; also while it is running.

    Raises InputError if the directory holds none.
    """
    path = directory / FILE
    if not path.is_file():
        raise InputError(f"no campaign is here ({FILE} is missing)", source=str(directory))
    query = "SELECT results.*, seconds, finished FROM results LEFT JOIN timings USING (id) ORDER BY id"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            cursor = database.execute(query)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
    except sqlite3.Error as error:
        raise InputError(f"cannot be read: {error}", source=str(path)) from None


def _locked(path: Path) -> IO[str]:
    """Return a locked file; the lock ends with this process, however it ends."""
    stream = path.open("a")
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # no such locks on this system
        pass
    except OSError:
        stream.close()
        raise InputError("another campaign is running here", source=str(path.parent)) from None
    return stream
