"""The lines of a bulk result, in the order asked for, with broken ones in between if wanted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import Any

import orjson

from sandbox.shopify.admin.bulk.plan import Nested, Plan
from sandbox.shopify.admin.context import Context
from sandbox.shopify.behaviour import BulkOrder

KEPT_NUMBERS = 10_000
BROKEN = (
    b'{"id":"gid:\\/\\/shopify\\/Order\\/1","name":"#10',
    b"this is not JSON",
    b'{"name":"no id and no parent"}',
    b'["an","array"]',
    b'{"id":"gid:\\/\\/shopify\\/LineItem\\/7","__parentId":"gid:\\/\\/shopify\\/Order\\/999999999999"}',
    b'{"id":42}',
)


@dataclass
class Tally:
    """What has been written; `bad_lines` are line numbers from 1, the first of them at least."""

    objects: int = 0
    roots: int = 0
    lines: int = 0
    size: int = 0
    bad_count: int = 0
    bad_lines: list[int] = field(default_factory=list)


class Lines:
    """The lines a plan makes; `tally` counts what has been taken of them."""

    def __init__(self, root: Nested, ctx: Context, tally: Tally) -> None:
        self._root = root
        self._ctx = ctx
        self._tally = tally

    def ordered(self, order: BulkOrder, window: int, seed: str) -> Iterator[bytes]:
        match order:
            case BulkOrder.GROUPED:
                yield from self._walk(roots=True, children=True)
            case BulkOrder.SHUFFLED:
                yield from _shuffled(self._walk(roots=True, children=True), window, Random(seed))
            case BulkOrder.CHILDREN_LAST:
                yield from self._walk(roots=True, children=False)
                yield from self._walk(roots=False, children=True)
            case BulkOrder.CHILDREN_FIRST:
                yield from self._walk(roots=False, children=True)
                yield from self._walk(roots=True, children=False)

    def _walk(self, *, roots: bool, children: bool) -> Iterator[bytes]:
        for obj in self._root.objects(None, self._ctx):
            built = self._root.plan.build(obj, self._ctx)
            if roots:
                self._tally.roots += 1
                yield self._line(built)
            if children:
                yield from self._below(self._root.plan, obj, built)

    def _below(self, plan: Plan, parent: Any, built: dict[str, Any]) -> Iterator[bytes]:
        for nested in plan.nested:
            for obj in nested.objects(parent, self._ctx):
                below = nested.plan.build(obj, self._ctx)
                yield self._line({**below, "__parentId": built["id"]})
                yield from self._below(nested.plan, obj, below)

    def _line(self, content: dict[str, Any]) -> bytes:
        self._tally.objects += 1
        return orjson.dumps(content).replace(b"/", b"\\/")


def _shuffled(lines: Iterator[bytes], window: int, rng: Random) -> Iterator[bytes]:
    """Every line at some distance from its place, before or after; memory for `window` lines."""
    waiting: list[bytes] = []
    for line in lines:
        if len(waiting) < window:
            waiting.append(line)
            continue
        place = rng.randrange(window)
        yield waiting[place]
        waiting[place] = line
    rng.shuffle(waiting)
    yield from waiting


def with_broken(lines: Iterator[bytes], every: int, tally: Tally) -> Iterator[bytes]:
    """A broken line after each `every` good ones; 0 leaves them all whole."""
    broken = cycle(BROKEN)
    for number, line in enumerate(lines, start=1):
        tally.lines += 1
        yield line
        if every and number % every == 0:
            tally.lines += 1
            tally.bad_count += 1
            if len(tally.bad_lines) < KEPT_NUMBERS:
                tally.bad_lines.append(tally.lines)
            yield next(broken)


def write_lines(lines: Iterator[bytes], write: Callable[[bytes], Any], tally: Tally) -> None:
    for line in lines:
        tally.size += len(line) + 1
        write(line + b"\n")
