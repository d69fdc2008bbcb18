"""Where log lines go: those of ordinary work together, those that warn at once, with all before them."""

import asyncio
import atexit
from threading import Lock
from typing import Any, TextIO

WRITTEN_WITHIN_S = 0.1
_MOST_WAITING = 500


class LineWriter:
    """What structlog calls with a rendered line, by the name of its level.

    One write for many lines costs about what it costs for one, and under load that is a sixth of a delivery.
    A process that is killed takes along what it has not written: `WRITTEN_WITHIN_S` of ordinary lines.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = Lock()
        self._waiting: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def info(self, line: str) -> None:
        """Without a running event loop nobody would write it later."""
        self._waiting.append(line)
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()
        elif self._loop is None or self._loop.is_closed():
            self._flush_soon()

    def warning(self, line: str) -> None:
        self._waiting.append(line)
        self.flush()

    debug = info
    error = critical = warning

    def flush(self) -> None:
        with self._lock:
            self._loop = None
            lines, self._waiting = self._waiting, []
            self._file.write("".join(f"{line}\n" for line in lines))
            self._file.flush()

    def _flush_soon(self) -> None:
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            self._loop.call_later(WRITTEN_WITHIN_S, self.flush)


_writers: list[LineWriter] = []


def line_writers(file: TextIO) -> Any:
    """A logger factory of structlog: all its loggers write by way of one."""
    writer = LineWriter(file)
    _writers.append(writer)
    return lambda *_: writer


@atexit.register
def flush() -> None:
    """Writes all that waits. A process that a signal ends has to ask for it: Python's own end never comes."""
    for writer in _writers:
        writer.flush()
