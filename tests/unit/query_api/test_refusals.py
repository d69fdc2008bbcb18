"""What is said of refused deliveries."""

from ingest.refusals import Reason
from query_api.refusals import Advice, advice_on


def test_every_reason_of_the_ingest_is_told_with_what_to_do() -> None:
    general = advice_on("not known here").remedy
    assert [reason for reason in Reason if advice_on(reason).remedy == general] == []
    assert advice_on("of_tomorrow") == Advice("Of tomorrow", general)
