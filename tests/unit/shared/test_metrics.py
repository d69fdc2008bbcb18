"""Counters are there before what they count, or the first failure would not be seen to be one."""

from prometheus_client import REGISTRY

from shared.call_outcomes import CallOutcome
from shared.metrics import expect_calls


def _calls(api: str) -> dict[str, float]:
    return {
        sample.labels["outcome"]: sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "syncledger_api_calls_total" and sample.labels["api"] == api
    }


def test_with_the_first_call_all_that_can_come_of_one_is_counted() -> None:
    assert _calls("a new api") == {}
    expect_calls("a new api", "other")
    assert _calls("a new api") == dict.fromkeys(CallOutcome, 0)
