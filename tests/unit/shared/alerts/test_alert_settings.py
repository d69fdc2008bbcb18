"""What a shop may set, and the sentences for what it may not."""

from datetime import time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.alerts.setting_faults import setting_faults
from shared.alerts.settings import AlertSettings

PERIODS = "15 to 20,160 minutes, that is 15 minutes to 14 days"


def faults(**settings: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as raised:
        AlertSettings.model_validate(settings)
    return dict(setting_faults(raised.value))


def test_without_settings_there_are_sensible_ones() -> None:
    settings = AlertSettings()
    assert settings.silence_is_watched
    assert settings.silence_period == timedelta(hours=24)
    assert settings.window_opens == settings.window_closes


def test_what_is_stored_is_read_again() -> None:
    settings = AlertSettings(
        window_opens=time(6), window_closes=time(21, 30), extra_addresses=("a@shop.example",)
    )
    stored = settings.model_dump(mode="json")
    assert (stored["window_opens"], stored["window_closes"]) == ("06:00", "21:30")
    assert AlertSettings.model_validate(stored) == settings


@pytest.mark.parametrize(
    ("entered", "read"),
    [
        ("06:00", time(6)),
        ("6:05", time(6, 5)),
        (" 21:30 ", time(21, 30)),
        ("21:30:00", time(21, 30)),
        ("24:00", time(0)),
        (time(23, 59), time(23, 59)),
    ],
)
def test_times_of_day_are_hours_and_minutes(entered: Any, read: time) -> None:
    assert (
        AlertSettings.model_validate({"window_opens": entered, "window_closes": entered}).window_opens == read
    )


@pytest.mark.parametrize(
    "entered",
    ["", "25:00", "24:01", "6", "06:60", "06:00:30", "06:00Z", "٠٦:00", 360, None, time(6, 0, 1)],
)
def test_anything_else_is_no_time_of_day(entered: Any) -> None:
    said = faults(window_opens=entered)["window_opens"]
    assert said.startswith("is no time of day: ")
    assert said.endswith("Write hours and minutes, like 06:00 or 21:30")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"silence_minutes": 14}, {"silence_minutes": f"has to be {PERIODS}"}),
        ({"silence_minutes": 20_161}, {"silence_minutes": f"has to be {PERIODS}"}),
        ({"silence_minutes": "a day"}, {"silence_minutes": f"has to be a whole number, {PERIODS}"}),
        ({"silence_minutes": 60.5}, {"silence_minutes": f"has to be a whole number, {PERIODS}"}),
        ({"error_rate_percent": 0}, {"error_rate_percent": "has to be more than 0 and 100 at most"}),
        ({"error_rate_percent": 101}, {"error_rate_percent": "has to be more than 0 and 100 at most"}),
        ({"error_rate_min_tasks": 0}, {"error_rate_min_tasks": "has to be 1 to 1,000,000"}),
        ({"silence": 60}, {"silence": "is no setting: remove it or correct its name"}),
        ({"extra_addresses": "a@b.example"}, {"extra_addresses": "has to be a list of mail addresses"}),
        (
            {"extra_addresses": [f"a{n}@b.example" for n in range(21)]},
            {"extra_addresses": "has to be 20 addresses at most"},
        ),
        (
            {"extra_addresses": ["a@b.example", "nobody"]},
            {"extra_addresses.1": "is no mail address: An email address must have an @-sign."},
        ),
    ],
)  # fmt: skip
def test_what_is_not_usable_is_told_by_its_name_with_what_it_has_to_be(
    settings: dict[str, Any], words: dict[str, str]
) -> None:
    assert faults(**settings) == words


@pytest.mark.parametrize(
    "address",
    ["a@b.example\nBcc: c@d.example", "a@b.example,c@d.example", "a b@c.example", "<script>@b.example"],
)
def test_an_address_is_one_address(address: str) -> None:
    assert faults(extra_addresses=[address])["extra_addresses.0"].startswith("is no mail address: ")


def test_each_address_is_kept_once_however_it_is_written() -> None:
    entered = ["First@Shop.Example", " second@shop.example ", "first@shop.example", "FIRST@shop.example"]
    kept = AlertSettings.model_validate({"extra_addresses": entered}).extra_addresses
    assert kept == ("First@shop.example", "second@shop.example")


def test_a_silence_that_would_not_be_noticed_within_two_weeks_is_refused() -> None:
    assert faults(silence_minutes=1440, window_opens="06:00", window_closes="07:00") == {
        "window_closes": (
            "leaves 1 hour a day for silence to count in: one of 24 hours would not be noticed within 14 "
            "days. Choose longer hours, or a silence of 14 hours at most"
        )
    }
    AlertSettings.model_validate({"silence_minutes": 840, "window_opens": "06:00", "window_closes": "07:00"})


def test_one_unusable_setting_hides_no_other() -> None:
    assert set(faults(silence_minutes=0, window_opens="x", window_closes="y")) == {
        "silence_minutes",
        "window_opens",
        "window_closes",
    }
