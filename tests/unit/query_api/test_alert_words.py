"""Alerts and imports in people's words."""

from datetime import UTC, datetime

from query_api.console.alerts.words import RULES, figures, rule_name
from query_api.console.imports.words import steps
from shared.alerts.verdicts import Rule


def test_every_rule_has_a_name() -> None:
    assert set(RULES) == set(Rule)
    assert rule_name("of-a-later-version") == "Of a later version"


def test_figures_are_named_with_their_units_and_moments_stay_moments() -> None:
    numbers = {
        "failed": 12_000,
        "percent": 30.0,
        "limit_percent": 2.5,
        "window_minutes": 60,
        "asked_at": "2026-11-21T08:00:00Z",
        "window": "06:00–22:00",
        "orders_made": None,
        "is_proven": True,
        "shops": ["a", "b"],
    }
    assert figures(numbers) == [
        ("Failed", "12,000"),
        ("Percent", "30 %"),
        ("Limit", "2.5 %"),
        ("Window", "60 min"),
        ("Asked", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        ("Window", "06:00–22:00"),
        ("Is proven", "yes"),
        ("Shops", "a, b"),
    ]


def test_the_steps_of_an_import_are_done_one_after_another() -> None:
    assert [step.place for step in steps("requested")] == ["later"] * 4
    assert [step.place for step in steps("processing")] == ["done", "done", "now", "later"]
    assert [step.place for step in steps("finished")] == ["done"] * 4
