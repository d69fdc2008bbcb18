"""When an account's credentials expire."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.connections.expiry import expiry_faults, expiry_of
from shared.marketplaces.amazon import AmazonSettings


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-03-31", datetime(2027, 3, 31, tzinfo=UTC)),
        ("2027-03-31T08:00:00Z", datetime(2027, 3, 31, 8, tzinfo=UTC)),
        ("2027-03-31T08:00+01:00", datetime(2027, 3, 31, 8, tzinfo=timezone(timedelta(hours=1)))),
        ("2027-03-31T08:00", None),
        ("soon", None),
        ("2027", None),
        (1_800_000_000, None),
        (None, None),
    ],
)
def test_a_date_or_a_moment_with_an_offset_is_understood(text: object, moment: datetime | None) -> None:
    settings = {"credentials_expire_at": text}
    assert expiry_of(settings) == moment
    assert bool(expiry_faults(settings)) == (moment is None and text is not None)


def test_without_the_setting_nothing_is_known() -> None:
    assert expiry_of({}) is None
    assert expiry_faults({}) == {}


def test_settings_that_refuse_unknown_names_know_it() -> None:
    settings = AmazonSettings(marketplace_ids=("A1PA6795UKMFR9",), credentials_expire_at="2027-03-31")
    assert settings.model_dump(exclude_unset=True)["credentials_expire_at"] == "2027-03-31"
