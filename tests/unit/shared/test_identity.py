from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.identity import created_at, delivery_task_id, first_id_at, new_task_id

NOW = datetime(2026, 11, 20, 16, 15, 47, 123_000, tzinfo=UTC)


def test_the_same_delivery_gets_the_same_id_whenever_it_arrives() -> None:
    first = delivery_task_id("shop|hook-1", triggered_at=NOW, received_at=NOW)
    later = delivery_task_id("shop|hook-1", triggered_at=NOW, received_at=NOW + timedelta(hours=5))
    assert first == later
    assert created_at(first) == NOW


def test_different_deliveries_get_different_ids() -> None:
    first = delivery_task_id("shop|hook-1", triggered_at=NOW, received_at=NOW)
    assert first != delivery_task_id("shop|hook-2", triggered_at=NOW, received_at=NOW)


def test_an_implausible_trigger_time_gives_way_to_the_day_of_receipt() -> None:
    for triggered_at in (None, NOW - timedelta(days=400), NOW + timedelta(hours=9)):
        task_id = delivery_task_id("k", triggered_at=triggered_at, received_at=NOW)
        assert created_at(task_id) == NOW.replace(hour=0, minute=0, second=0, microsecond=0)
        assert task_id == delivery_task_id(
            "k", triggered_at=triggered_at, received_at=NOW + timedelta(hours=3)
        )


@given(st.text(), st.integers(1_577_836_800_000, 4_102_444_800_000))
def test_a_delivery_id_is_a_valid_uuid8_of_its_time(key: str, milliseconds: int) -> None:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    task_id = delivery_task_id(key, triggered_at=moment, received_at=moment)
    assert task_id.version == 8
    assert abs(created_at(task_id) - moment) < timedelta(milliseconds=1)
    assert first_id_at(moment) <= task_id < first_id_at(moment + timedelta(milliseconds=2))


def test_follow_up_ids_are_ordered_by_time() -> None:
    ids = [new_task_id() for _ in range(100)]
    assert ids == sorted(ids)
    assert abs(created_at(ids[0]) - datetime.now(UTC)) < timedelta(seconds=5)
