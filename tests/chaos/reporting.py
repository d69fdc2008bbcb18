"""A run as a page of Markdown. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from tests.chaos import history as told
from tests.chaos.history import History
from tests.chaos.judging import Verdict, figures
from tests.chaos.recovery import Figures, by_kind, recoveries, until_quiet_s

MARKS = ("<!-- the last run -->", "<!-- that was the last run -->")


def report(history: History, verdicts: Sequence[Verdict], *, command: str, machine: str) -> str:
    """What was done, what was judged, what broke, and how long recovering took."""
    run = history.of(told.RUN)[0]
    parts = [
        f"`{command}`, {machine}: {run['length_s'] / 60:g} minutes, {run['rate']:g} deliveries a second.",
        _table(("judged", "how many"), figures(history)),
        _table(("promise", "broken by", "times"), map(_verdict_row, verdicts)),
        _table(
            (
                "fault",
                "times",
                "work goes on after: median, longest (s)",
                "all ready after: median, longest (s)",
            ),
            map(_recovery_row, by_kind(recoveries(history))),
        ),
    ]
    if (quiet := until_quiet_s(history)) is not None:
        parts.append(f"{quiet:.1f} s after the last fault everything was done and recorded.")
    return "\n\n".join(parts)


def placed(page: str, text: str, marks: tuple[str, str] = MARKS) -> str:
    """The page with what is between its marks replaced. Raises ValueError when it has none."""
    begin, end = marks
    before, is_begun, rest = page.partition(begin)
    _, is_ended, after = rest.partition(end)
    if not is_begun or not is_ended:
        raise ValueError(f"the page has no {begin} … {end}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def offenders(verdicts: Iterable[Verdict], *, at_most: int) -> Iterator[str]:
    """What broke promises, for whoever has to find out why."""
    for verdict in verdicts:
        for offender in verdict.offenders[:at_most]:
            yield f"{verdict.rule.promise}. {verdict.rule.name}: {offender}"


def _verdict_row(verdict: Verdict) -> tuple[object, ...]:
    return verdict.rule.promise, verdict.rule.name, len(verdict.offenders)


def _recovery_row(one: Figures) -> tuple[object, ...]:
    return one.kind, one.times, _pair(one.working), _pair(one.ready)


def _pair(seconds: tuple[float, float] | None) -> str:
    return "never" if seconds is None else f"{seconds[0]:.1f}, {seconds[1]:.1f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
