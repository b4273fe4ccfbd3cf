"""The certificate format `relu-closure/1`: canonical texts, digests, whole files. See docs/certificate.md."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verify.errors import InputError

FORMAT = "relu-closure/1"


def sealed(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a certificate: format and kind first, the body, and the digest of all that last."""
    document = {"format": FORMAT, "kind": kind, **body}
    return {**document, "digest": digest(document)}


def digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a certificate without its digest, as docs/certificate.md section 1 defines it."""
    bare = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def as_text(document: Mapping[str, Any]) -> str:
    """Return the text of a certificate file."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a whole file or none: to a temporary name beside it, then rename. Raises InputError if it cannot be."""
    target = Path(path)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)  # noqa: PTH101 - a temporary file is private by default
        os.replace(temporary, target)  # noqa: PTH105
        temporary = None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", source=str(path)) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108


def schema_path() -> Path:
    """Return the path of the JSON Schema of the format."""
    return Path(__file__).with_name("certificate.schema.json")


def specification_path() -> Path:
    """Return the path of docs/certificate.md, in a checkout or in an installed package."""
    installed = Path(__file__).with_name("certificate.md")
    return installed if installed.exists() else Path(__file__).parent.parent / "docs" / "certificate.md"
