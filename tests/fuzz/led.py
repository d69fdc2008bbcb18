"""`python -m tests.fuzz.led TARGET SECONDS DIRECTORY`: one target, led by coverage; libFuzzer ends it."""

import sys

import atheris
from hypothesis import HealthCheck, given, settings

PACKAGES = ["shared", "ingest", "sync_worker", "writeback", "query_api"]
LONGEST = 8_192


def run(name: str, seconds: str, directory: str) -> None:
    """The first byte of an input tells whether the rest is the input itself or draws one."""
    with atheris.instrument_imports(include=PACKAGES):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415  what is imported here is watched
    target = next(target for target in TARGETS if target.name == name)

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(target.inputs)
    def each(data: bytes) -> None:
        target.tries(data)

    draws = each.hypothesis.fuzz_one_input  # type: ignore[attr-defined]

    def one(data: bytes) -> None:
        (draws if data[:1] > b"\x7f" else target.tries)(data[1:])

    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-print_final_stats=1",
        "-rss_limit_mb=4096",
    ]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={directory}/", directory], one)
    atheris.Fuzz()


if __name__ == "__main__":
    run(*sys.argv[1:])
