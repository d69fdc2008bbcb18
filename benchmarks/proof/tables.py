"""Figures and targets as tables, and the page they are on. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.proof.figures import Figures, medians, spread
from benchmarks.proof.part import Part
from benchmarks.proof.results import Result

_DIGITS = 3
_HEAD = """# Benchmarks

Measured by `./dev bench` ([how](../benchmarks/proof/README.md)), which also writes this page. Absolute
figures are those of one machine at one time. What is asked for are ratios, each between two figures of one
run; their median counts.
"""


def page(parts: Sequence[Part], results: Mapping[str, Result]) -> str:
    """The whole of docs/benchmarks.md."""
    lines = [_HEAD, "## Targets", "", *targets_head()]
    for part in parts:
        lines += targets_table(part, results[part.name].runs if part.name in results else [])
    for part in parts:
        lines += ["", f"## {part.title}", "", part.about, "", *_told(results.get(part.name))]
    return "\n".join(lines) + "\n"


def figures_table(runs: Sequence[Figures]) -> Iterator[str]:
    """The median of each figure and how far apart the runs are."""
    yield f"| figure | median of {len(runs)} | spread |"
    yield "|---|---:|---:|"
    for name, value in medians(runs).items():
        found = [run[name] for run in runs if name in run]
        apart = f"{spread(found):.0%}" if len(found) > 1 else "–"
        yield f"| {name} | {number(value)} | {apart} |"


def targets_table(part: Part, runs: Sequence[Figures]) -> Iterator[str]:
    """One line for each target: wanted, measured, met or not."""
    for target in part.targets:
        wanted = f"{'≥' if target.is_floor else '≤'} {target.bound:g}{' ×' if target.to else ''}"
        value = target.value(runs)
        if value is None:
            yield f"| {target.what} | {wanted} | – | not measured |"
        else:
            met = "met" if target.is_met(value) else "**not met**"
            yield f"| {target.what} | {wanted} | {number(value)} | {met} |"


def targets_head() -> Iterator[str]:
    yield "| what | target | measured | |"
    yield "|---|---:|---:|---|"


def number(value: float) -> str:
    """Three digits that mean something."""
    if value == 0:
        return "0"
    digits = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def _told(result: Result | None) -> Iterator[str]:
    if result is None:
        yield "Not measured yet."
        return
    yield from figures_table(result.runs)
    yield ""
    yield from _origin(result)


def _origin(result: Result) -> Iterator[str]:
    yield f"Measured on {result.day} by `{result.command}`."
    yield ""
    for name, value in result.machine.items():
        yield f"- {name}: {value}"
