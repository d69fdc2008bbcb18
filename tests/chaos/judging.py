"""The promises of the design, judged on a history. Pure: each rule names what broke it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.chaos import history as told
from tests.chaos import log_rules, outside_rules
from tests.chaos.history import History

Find = Callable[[History], Iterable[str]]


@dataclass(frozen=True)
class Rule:
    """`promise`: its number in "What never happens". `find` names every offender."""

    promise: int
    name: str
    find: Find


@dataclass(frozen=True)
class Verdict:
    rule: Rule
    offenders: tuple[str, ...]


LOG_RULES: Sequence[Rule] = (
    Rule(2, "ran after its end", log_rules.ran_after_end),
    Rule(2, "an attempt ended more than once", log_rules.attempts_without_one_ending),
    Rule(6, "counters differ from the log", log_rules.counters_that_differ),
    Rule(6, "the projection differs from the log", log_rules.projection_that_differs),
    Rule(8, "a failure without an explanation", log_rules.unexplained_failures),
)
RULES: Sequence[Rule] = (
    Rule(1, "a delivery was lost", log_rules.lost_deliveries),
    Rule(1, "a follow-up was never queued", log_rules.orphans),
    Rule(1, "a task never ended", log_rules.unended),
    Rule(1, "an order was paid and the CRM has no receipt", outside_rules.missing_receipts),
    Rule(2, "a delivery ran twice", log_rules.deliveries_run_twice),
    Rule(3, "an effect happened twice", outside_rules.doubled_effects),
    Rule(4, "an older state was kept", outside_rules.older_states),
    Rule(5, "held up by another's trouble", log_rules.held_up),
    Rule(6, "an answer did not say as of when", outside_rules.answers_without_as_of),
    Rule(7, "a log file tells a secret or a customer's address", outside_rules.leaks),
    Rule(8, "an unreadable message left no trace, or a good one was unreadable", outside_rules.dead_letters),
    *LOG_RULES,
)


def judge(history: History, rules: Sequence[Rule] = RULES) -> list[Verdict]:
    """Of every rule what broke it, by promise."""
    return [Verdict(rule, tuple(rule.find(history))) for rule in sorted(rules, key=lambda rule: rule.promise)]


def broken(verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """Empty when all promises hold; else offenders by rule."""
    return {verdict.rule.name: list(verdict.offenders) for verdict in verdicts if verdict.offenders}


def figures(history: History) -> Iterator[tuple[str, int]]:
    """How much was judged."""
    yield "deliveries answered 2xx", len(history.of(told.DELIVERED))
    yield "tasks", len(history.of(told.TASK))
    yield "transitions", len(history.of(told.TRANSITION))
    yield "failed tasks", sum(t["state"] == "failed" for t in history.of(told.TASK))
    yield "receipts, order mails and parcels others know of", len(history.of(told.EFFECT))
    yield "orders, customers and receipts compared", len(history.of(told.EXPECTED))
    yield "deliveries while only others were in trouble", len(log_rules.queued_in_calm(history))
    yield "looks at a list", len(history.of(told.ANSWERED))
