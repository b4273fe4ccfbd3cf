"""One module a command: each `run` takes parsed arguments and returns an Answer; nothing here decides anything."""
