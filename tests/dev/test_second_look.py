"""A test that failed beside others runs once more, alone; that makes nothing green that is broken."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from devstack import tests_run

Run = Callable[[str], None]
FAILS = "import pytest\n@pytest.mark.parametrize('n', range({n}))\ndef test_it(n): assert n > 5\n"
FAILS_THE_FIRST_TIME = """
from pathlib import Path

def test_it():
    been_here = Path("been-here")
    was_here = been_here.exists()
    been_here.touch()
    assert was_here
"""
SHARES = """
import pytest
from pathlib import Path

pytestmark = pytest.mark.xdist_group("sharing")

@pytest.mark.parametrize("n", range(6))
def test_it(n, worker_id):
    with Path("workers").open("a") as workers:
        workers.write(worker_id + " ")
    assert n < 5 or worker_id == "master"
"""


@pytest.fixture
def console() -> Console:
    return Console(record=True, width=200)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, console: Console) -> Run:
    """Runs a project that has just these tests."""
    monkeypatch.setattr(tests_run, "ROOT", tmp_path)
    monkeypatch.setattr(tests_run, "_parts", lambda **_: [("-n", "0", "test_project.py")])
    monkeypatch.setattr(tests_run, "_ensure_browser", lambda _: [])

    def of(content: str) -> None:
        (tmp_path / "test_project.py").write_text(content)
        tests_run.run_tests([], console)

    return of


def test_what_passes_alone_is_named_as_unsteady(run: Run, console: Console) -> None:
    run(FAILS_THE_FIRST_TIME)
    assert "Unsteady, failed only beside others: test_project.py::test_it" in console.export_text()


def test_those_of_a_group_share_a_worker_and_are_found_again(
    run: Run, console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grouped = ("-n", "2", "--dist", "loadgroup", "test_project.py")
    monkeypatch.setattr(tests_run, "_parts", lambda **_: [grouped])
    run(SHARES)
    assert "Unsteady, failed only beside others: test_project.py::test_it[5]" in console.export_text()
    *together, alone = (tmp_path / "workers").read_text().split()
    assert (len(together), len(set(together)), alone) == (6, 1, "master")


@pytest.mark.parametrize(("failing", "looks"), [(2, 1), (4, 0)])
def test_what_fails_again_fails_and_many_failures_are_no_accident(
    run: Run, console: Console, failing: int, looks: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(FAILS.format(n=failing))
    assert ended.value.code == 1
    assert console.export_text().count("Once more") == looks
