"""Bad input: one line that names the file, the key and the fault."""

from __future__ import annotations


class InputError(ValueError):
    """Input that cannot be accepted; prints as `FILE: KEY: what is wrong and what is expected`.

    `source` is the file (or another name of where the input came from), `key` the dotted path inside it.
    """

    def __init__(self, message: str, *, key: str = "", source: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.key = key
        self.source = source

    def within(self, *, key: str = "", source: str = "") -> InputError:
        """Return the same error with the place completed from outside."""
        path = ".".join(part for part in (key, self.key) if part)
        return InputError(self.message, key=path, source=self.source or source)

    def __str__(self) -> str:
        line = ": ".join(part for part in (self.source, self.key, self.message) if part)
        return " ".join(line.split())
