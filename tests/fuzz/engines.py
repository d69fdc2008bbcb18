"""Two ways to make bad inputs: drawn from what is almost right, and led by which code they reach."""

import re
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, settings

from devstack.workspace import ROOT
from tests.fuzz.target import Target

_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)|Done (\d+) runs")
_MARGIN_S = 60
LONGEST_TOLD = 2_000


@dataclass(frozen=True)
class Tried:
    """So many inputs; `found`: what the first one did that broke a promise."""

    inputs: int
    found: str | None = None


def drawn(target: Target, count: int) -> Tried:
    """Inputs that are almost right, the smallest that breaks something told."""
    tried, last = 0, b""

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(target.inputs)
    def each(data: bytes) -> None:
        nonlocal tried, last
        tried, last = tried + 1, data
        target.tries(data)

    try:
        each()
    except Exception as error:  # noqa: BLE001  whatever it raises is what was looked for
        frames = "".join(traceback.format_exception(error)[-2:])
        return Tried(tried, f"{frames}{last[:LONGEST_TOLD]!r}")
    return Tried(tried)


def led(target: Target, seconds: int) -> Tried:
    """Inputs that atheris keeps changing as long as they reach other code."""
    command = [sys.executable, "-m", "tests.fuzz.led", target.name, str(seconds)]
    with tempfile.TemporaryDirectory(prefix="syncledger-fuzz-") as place:
        for number, example in enumerate(target.examples):
            (Path(place) / f"example-{number}").write_bytes(b"\x00" + example)
        done = subprocess.run(
            [*command, place],
            cwd=ROOT, capture_output=True, text=True, errors="replace", check=False,
            timeout=2 * seconds + _MARGIN_S,
        )  # fmt: skip
    counts = [int(one or other) for one, other in _RUNS.findall(done.stderr)]
    return Tried(max(counts, default=0), None if done.returncode == 0 else _told(done))


def _told(done: subprocess.CompletedProcess[str]) -> str:
    """The traceback and the input, without libFuzzer's own lines."""
    _, _, rest = (done.stdout + done.stderr).partition("=== Uncaught")
    return rest[:3_000] or done.stderr[-2_000:]
