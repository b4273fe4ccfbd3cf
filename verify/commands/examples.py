"""`verify examples`: what ships with the package."""

from __future__ import annotations

from verify.commands.answer import YES, Answer, Table
from verify.shipped import listed


def run() -> Answer:
    """List the shipped problems and families."""
    problems, families = listed("problem"), listed("family")
    document = {
        "problems": [{"name": name, "about": about} for name, about in problems],
        "families": [{"name": name, "about": about} for name, about in families],
    }
    words: list[str | Table] = [Table(("problem", "why it is interesting"), problems)]
    if families:
        words += ["", Table(("family", "why it is interesting"), families)]
    words.append("\nUse one as example:NAME, e.g. verify certify example:step-identity")
    return Answer(document, YES, words)
