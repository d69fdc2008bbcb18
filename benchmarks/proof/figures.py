"""What runs measured and what is asked of it. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

Figures = Mapping[str, float]  # of one run, by name


@dataclass(frozen=True, slots=True)
class Target:
    """`of` in relation to `to`, both measured in one run; without `to`, `of` as it is."""

    what: str
    of: str
    bound: float
    to: str | None = None
    is_floor: bool = True

    def value(self, runs: Sequence[Figures]) -> float | None:
        """The median over the runs in which all it needs was measured."""
        found = [one for run in runs if (one := self._in(run)) is not None]
        return median(found) if found else None

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.is_floor else value <= self.bound

    def _in(self, run: Figures) -> float | None:
        if self.of not in run or (self.to is not None and self.to not in run):
            return None
        if self.to is None:
            return run[self.of]
        return run[self.of] / run[self.to] if run[self.to] else math.inf


def medians(runs: Sequence[Figures]) -> dict[str, float]:
    """The median of each figure, in the order they were measured."""
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: median([run[name] for run in runs if name in run]) for name in names}


def percentile(values: Sequence[float], percent: int) -> float:
    """Of at least one value."""
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def spread(values: Sequence[float]) -> float:
    """How far apart the runs are, as a part of their median."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0
