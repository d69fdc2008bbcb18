"""Channels are changed without being shown: what is left out stays."""

from typing import Any

import pytest

from query_api.alert_channels import Unusable, WantedChannel, changes, merged
from shared.alerts.channels import Channel

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
URL = "https://pager.example/in"


def wanted(kind: str = "webhook", name: str = "pager", **given: str) -> WantedChannel:
    return WantedChannel(kind, name, given.get("url"), given.get("secret"))


def stored() -> tuple[Channel, ...]:
    return merged(
        [wanted(url=URL, secret=SECRET), wanted("slack", "pager", url="https://hooks.example/x")], ()
    )


def test_what_is_left_out_stays() -> None:
    before = stored()
    assert merged([wanted(), wanted("slack")], before) == before
    (moved,) = merged([wanted(url="https://pager.example/new")], before)
    assert moved.model_dump() == before[0].model_dump() | {"url": "https://pager.example/new"}
    assert merged([], before) == ()


@pytest.mark.parametrize(
    ("channels", "fields"),
    [
        ([wanted()], ["channels.0.url", "channels.0.secret"]),
        ([wanted("slack", url=URL), wanted("slack", name="other")], ["channels.1.url"]),
        ([wanted("slack", url=URL, secret=SECRET)], ["channels.0.secret"]),
        ([wanted("slack", url=URL), wanted("slack", url=URL)], ["channels.0.name", "channels.1.name"]),
        ([wanted("slack", f"{n}", url=URL) for n in range(11)], ["channels"]),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_each_field_that_can_not_be_used_is_named(channels: list[WantedChannel], fields: list[str]) -> None:
    with pytest.raises(Unusable) as unusable:
        merged(channels, ())
    assert list(unusable.value.faults) == fields
    assert all(text and URL not in text for text in unusable.value.faults.values())


def test_changes_are_told_by_name_only() -> None:
    before = stored()
    after = merged(
        [wanted(url="https://pager.example/new"), wanted("apprise", "phone", url="ntfy://a/b")], before
    )
    told: dict[str, Any] = dict(changes(before, after))
    assert told == {
        "added": ["apprise phone"],
        "removed": ["slack pager"],
        "changed": ["webhook pager"],
    }
    assert changes(before, before) == {}
