"""Tasks as JSON, one on each line. Pure."""

from collections.abc import Sequence

import orjson

from query_api.exact import exact
from query_api.export.columns import Layout, Values
from query_api.export.summing import Summary


class NdjsonFile:
    """With a summary the file ends with a line `{"summary": …}`."""

    def __init__(self, layout: Layout) -> None:
        self._names = layout.names

    def begun(self) -> bytes:
        return b""

    def rows(self, rows: Sequence[Values]) -> bytes:
        return b"".join(_line(dict(zip(self._names, row, strict=True))) for row in rows)

    def ended(self, summary: Summary | None) -> bytes:
        return b"" if summary is None else _line({"summary": summary.as_json()})


def _line(value: object) -> bytes:
    return orjson.dumps(exact(value), default=str, option=orjson.OPT_APPEND_NEWLINE)
