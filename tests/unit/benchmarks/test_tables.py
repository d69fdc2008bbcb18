"""How figures and targets are told."""

from pathlib import Path

import pytest

from benchmarks.proof.__main__ import PAGE, chosen
from benchmarks.proof.figures import Target
from benchmarks.proof.part import Part
from benchmarks.proof.parts import PARTS
from benchmarks.proof.results import Result, keep_results, read_results
from benchmarks.proof.tables import figures_table, number, page, targets_table
from devstack.errors import StackError

RUNS = [{"ours": 30.0, "theirs": 10.0}, {"ours": 20.0, "theirs": 10.0}]
TARGETS = (
    Target("fast", "ours", 2, to="theirs"),
    Target("very fast", "ours", 5, to="theirs"),
    Target("small", "size", 9, is_floor=False),
)
PART = Part("race", "Race", "Who is first.", lambda _ground, _amount: {}, TARGETS)


def test_a_figure_has_its_median_and_how_far_its_runs_are_apart() -> None:
    assert list(figures_table(RUNS))[2:] == ["| ours | 25.0 | 40% |", "| theirs | 10.0 | 0% |"]


def test_a_target_is_met_or_not_or_was_not_measured() -> None:
    assert list(targets_table(PART, RUNS)) == [
        "| fast | ≥ 2 × | 2.50 | met |",
        "| very fast | ≥ 5 × | 2.50 | **not met** |",
        "| small | ≤ 9 | – | not measured |",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(12_345.6, "12,346"), (99.96, "100.0"), (1.234, "1.23"), (0.01234, "0.0123"), (0.0, "0")],
)
def test_a_number_has_three_digits_that_mean_something(value: float, text: str) -> None:
    assert number(value) == text


def test_a_page_tells_what_was_measured_and_what_was_not() -> None:
    result = Result("2026-11-21", "./dev bench race", {"memory": "8 GB"}, RUNS)
    text = page([PART], {"race": result})
    assert "## Race\n\nWho is first." in text
    assert "Measured on 2026-11-21 by `./dev bench race`." in text
    assert "- memory: 8 GB" in text
    assert "## Race\n\nWho is first.\n\nNot measured yet." in page([PART], {})


def test_a_part_measured_anew_replaces_its_own_result(tmp_path: Path) -> None:
    kept = tmp_path / "results.json"
    old, new = (Result(day, "./dev bench", {}, RUNS) for day in ("old", "new"))
    keep_results({"race": old, "other": old}, kept)
    assert keep_results({"race": new}, kept) == read_results(kept) == {"race": new, "other": old}


def test_the_page_that_is_kept_is_the_one_made_from_the_results_that_are_kept() -> None:
    assert PAGE.read_text() == page(PARTS, read_results())


def test_parts_are_chosen_by_name() -> None:
    assert [part.name for part in chosen(["lag", "ingest"])] == ["ingest", "lag"]
    assert chosen([]) == list(PARTS)
    with pytest.raises(StackError, match=r"No part is called nothing; there are .*recorder"):
        chosen(["nothing"])
