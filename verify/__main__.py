"""The console command `verify`, also `python -m verify`: a plain audit is done without loading the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Run one command and return its exit code."""
    name, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if name != "audit" or not arguments or any(a.startswith("-") and a != "--json" for a in arguments):
        from verify.cli import main as command_line

        return command_line()
    from verify.commands.answer import ended
    from verify.commands.audit import run

    return ended(lambda: run([a for a in arguments if a != "--json"], "--json" in arguments, None))


if __name__ == "__main__":
    sys.exit(main())
