"""What has been measured so far, for the page that tells of it: a part measured anew replaces its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.proof.figures import Figures
from devstack.workspace import ROOT

KEPT = ROOT / "benchmarks" / "results.json"


@dataclass(frozen=True)
class Result:
    """`command` measured `runs` on `day` on a `machine`."""

    day: str
    command: str
    machine: Mapping[str, str]
    runs: Sequence[Figures]


def read_results(path: Path = KEPT) -> dict[str, Result]:
    """By the name of the part."""
    if not path.exists():
        return {}
    return {name: Result(**kept) for name, kept in json.loads(path.read_text()).items()}


def keep_results(new: Mapping[str, Result], path: Path = KEPT) -> dict[str, Result]:
    """All there are then."""
    results = read_results(path) | dict(new)
    content = {name: asdict(result) for name, result in results.items()}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return results
