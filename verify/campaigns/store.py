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
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
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
FOLDERS = ("certificates", "problems")
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
_TEMPORARY = re.compile(r"\..*\.(json|toml)\.[a-z0-9_]{8}")
"""The names under which files are written before they get their own."""

_SAVE = f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * len(COLUMNS))})"


class Store:
    """The results in a directory, open for one campaign at a time."""

    def __init__(self, directory: Path, identity: str) -> None:
        """Open or create.

        Raises InputError if another suite's results or folders of another origin are there, or another campaign is
        running.
        """
        self.directory = directory
        self._cleaned: set[Path] = set()
        with _told(directory, "cannot be used"):
            _refuse_other_folders(directory)
            directory.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(directory / "campaign.lock")
            try:
                self._database = sqlite3.connect(directory / FILE, isolation_level=None)
                about = self._prepare(identity)
            except BaseException:
                self._lock.close()
                raise
        if about != {"format": FORMAT, "suite": identity}:
            self.close()
            raise InputError("holds the results of another suite; name another directory", source=str(directory))

    def _prepare(self, identity: str) -> dict[str, str]:
        """Make the tables where there are none, and return what the database says about itself."""
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(_SCHEMA)
            for key, value in (("format", FORMAT), ("suite", identity)):
                self._database.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (key, value))
            return dict(self._database.execute("SELECT key, value FROM about"))
        except BaseException:
            self._database.close()
            raise

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
        query = (
            "SELECT id, digest, verdict, failure, audit, certificate_bytes, timeout, memory FROM results WHERE id IN"
        )
        with _told(self.directory, "cannot be read"):
            rows = self._database.execute(f"{query} ({marks})", [item.id for item in items])
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

    def count(self) -> int:
        """Return how many rows there are, those of problems included that are no longer in the suite."""
        with _told(self.directory, "cannot be read"):
            return int(self._database.execute("SELECT count(*) FROM results").fetchone()[0])

    def save(self, item: Item, outcome: Outcome, limits: Limits, problem: str | None, finished: str) -> None:
        """Keep an outcome: the certificate and the text of the problem, where there are any, first, then the row."""
        certificate = outcome.certificate
        files = {f"certificates/{item.id}.json": certificate}
        if item.generated:
            files[f"problems/{item.id}.toml"] = problem
        with _told(self.directory, "cannot be written (what was finished is kept)"):
            for name, text in files.items():
                if text is not None:
                    self._write(name, text)
            self._insert(item, outcome, limits, finished)
            for name, text in files.items():
                if text is None:
                    (self.directory / name).unlink(missing_ok=True)

    def _insert(self, item: Item, outcome: Outcome, limits: Limits, finished: str) -> None:
        certificate = outcome.certificate
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

    def _write(self, name: str, text: str) -> None:
        path = self.directory / name
        if path.parent not in self._cleaned:
            path.parent.mkdir(parents=True, exist_ok=True)
            for left in path.parent.iterdir():
                if _TEMPORARY.fullmatch(left.name):  # of a process that was killed while it wrote
                    left.unlink()
            self._cleaned.add(path.parent)
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
    # in a directory that cannot be written, SQLite has no place for the shared memory of a WAL
    settled = not os.access(directory, os.W_OK) and not path.with_name(f"{FILE}-wal").exists()
    address = f"{path.resolve().as_uri()}?{'immutable=1' if settled else 'mode=ro'}"
    with _told(directory, "cannot be read"), closing(sqlite3.connect(address, uri=True)) as database:
        cursor = database.execute(query)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


@contextmanager
def _told(directory: Path, words: str) -> Iterator[None]:
    """Turn errors of the disk and of the database into an InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{words}: {error.strerror or error}", source=str(error.filename or directory)) from None
    except sqlite3.Error as error:
        raise InputError(f"{words}: {error}", source=str(directory / FILE)) from None


def _refuse_other_folders(directory: Path) -> None:
    """Results are written to, and removed from, two folders: refuse them if they hold something else."""
    if (directory / FILE).exists():
        return
    for name in FOLDERS:
        if (directory / name).exists():
            words = f"there is a folder {name}, but no {FILE}: it is none of a campaign; name another directory"
            raise InputError(words, source=str(directory))


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
