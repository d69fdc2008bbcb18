"""From the bytes of an export, however they are cut, to its lines and what each line says. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeGuard

import orjson

LONGEST_LINE = 4 * 1024 * 1024
LONGEST_ID = 200


class Line(NamedTuple):
    """One line. `size` counts its bytes in the export, with the line break. `body` None: it was too long."""

    body: bytes | None
    size: int


class Staged(NamedTuple):
    """A line that names its object, and the parent if it is a child."""

    object_id: str
    parent_id: str | None
    body: bytes


@dataclass
class LineSplitter:
    """Gives out each line as soon as it is complete. Holds at most the beginning of one line."""

    longest: int = LONGEST_LINE
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def feed(self, data: bytes) -> Iterator[Line]:
        first, *rest = data.split(b"\n")
        self._keep(first)
        for part in rest:
            yield self._take(1)
            self._keep(part)

    def finish(self) -> Iterator[Line]:
        """The last line, if it has no line break."""
        if self._size:
            yield self._take(0)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self.longest:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _take(self, line_break: int) -> Line:
        body = b"".join(self._parts) if self._size <= self.longest else None
        line = Line(body, self._size + line_break)
        self._parts.clear()
        self._size = 0
        return line


def staged(body: bytes | None) -> Staged | str | None:
    """What the line says, or the reason why it can not be used; None for a blank line."""
    if body is None:
        return f"The line is longer than {LONGEST_LINE // 1024 // 1024} MiB"
    if not body.strip():
        return None
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "The line is not JSON"
    if not isinstance(content, dict):
        return "The line is not a JSON object"
    return _named(content, body)


def _named(content: dict[str, Any], body: bytes) -> Staged | str:
    object_id, parent_id = content.get("id"), content.get("__parentId")
    if not _is_id(object_id):
        return "The object has no usable id"
    if parent_id is not None and not _is_id(parent_id):
        return "The object's __parentId is not usable"
    return Staged(object_id, parent_id, body)


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and "\x00" not in value
