"""JSON laid out for reading without parsing its values, so that every digit stays as it was. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

INDENT = "  "
DEEPEST_INDENT = 40
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<open>[{\[])|(?P<close>[}\]])|(?P<mark>[,:])|(?P<atom>[^\s,:{}\[\]"]+)'
)

Kind = Literal["key", "string", "atom", "plain"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of one kind; an atom is a number, true, false or null exactly as written."""

    kind: Kind
    text: str


def pretty(text: str) -> list[Piece] | None:
    """The text indented, in pieces; None when it is not JSON."""
    if not _is_json(text):
        return None
    return list(_merged(_pieces(text)))


def pretty_text(text: str) -> str | None:
    """The text indented; None when it is not JSON."""
    pieces = pretty(text)
    return None if pieces is None else "".join(piece.text for piece in pieces)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=len, parse_float=len)
    except (ValueError, RecursionError):
        return False
    return True


def _pieces(text: str) -> Iterator[Piece]:
    depth = 0
    tokens = list(_TOKEN.finditer(text))
    following = [*(token[0] for token in tokens[1:]), ""]
    before = ""
    for token, after in zip(tokens, following, strict=True):
        here = token[0]
        if token.lastgroup == "open":
            depth += 1
            yield Piece("plain", here + ("" if after in "}]" else _line(depth)))
        elif token.lastgroup == "close":
            depth -= 1
            yield Piece("plain", here if before in ("{", "[") else _line(depth) + here)
        elif token.lastgroup == "mark":
            yield Piece("plain", ": " if here == ":" else "," + _line(depth))
        elif token.lastgroup == "string":
            yield Piece("key" if after == ":" else "string", here)
        else:
            yield Piece("atom", here)
        before = here


def _line(depth: int) -> str:
    return "\n" + INDENT * min(depth, DEEPEST_INDENT)


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind become one, which keeps pages small."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None and held.kind == piece.kind:
            held = Piece(held.kind, held.text + piece.text)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held
