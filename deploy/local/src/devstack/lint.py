"""Every static check, one after the other; all of them run, so that one call shows all there is to mend."""

import subprocess
from collections.abc import Sequence

from rich.console import Console

from devstack.lock import missing_from, product_requirements, tool_requirements
from devstack.workspace import ROOT, program

_CHECKS: Sequence[tuple[str, ...]] = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports",),
)


def run_checks(console: Console) -> bool:
    """True when nothing is off."""
    results = [_locks_are_complete(console)]
    for tool, *arguments in _CHECKS:
        console.rule(" ".join([tool, *arguments]), align="left")
        results.append(subprocess.run([program(tool), *arguments], cwd=ROOT, check=False).returncode == 0)
    return all(results)


def _locks_are_complete(console: Console) -> bool:
    production = missing_from((ROOT / "requirements.lock").read_text(), product_requirements())
    development = missing_from((ROOT / "requirements-dev.lock").read_text(), tool_requirements())
    if production or development:
        names = ", ".join([*production, *development])
        console.print(f"Named by a pyproject.toml but not pinned: {names}. Run ./dev lock.", style="red")
    return not (production or development)
