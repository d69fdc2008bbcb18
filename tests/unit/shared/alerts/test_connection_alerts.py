"""Other systems that are unavailable, refuse us, or are about to."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shared.alerts.connection_facts import OpenBreaker, connection_facts, counts_since, look_at
from shared.alerts.connections import connections, credentials
from shared.alerts.expiry import expiries, token_expiries
from shared.alerts.facts import ConnectionFacts, TokenFacts
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Severity, Verdict
from shared.connections.counts import Counts
from shared.connections.judging import Cause
from tests.unit.shared.alerts.conditions import DAY, HOUR, MINUTE, NOW, account, met, shop

SETTINGS = AlertSettings(red_minutes=5)
FAILING, WELL = Counts(calls=6, failed=6), Counts(calls=3, ok=3)


def part(red_since: datetime | None, cause: Cause = Cause.UNAVAILABLE) -> ConnectionFacts:
    return ConnectionFacts("orders", red_since, cause, "Unavailable: the last 9 calls all failed")


def judged(*parts: ConnectionFacts) -> list[Verdict]:
    return connections(shop(accounts=(account(connections=parts),)), SETTINGS)


def seen(counts: dict[datetime, Counts], breaker: OpenBreaker | None = None) -> ConnectionFacts:
    rules = {"breaker": {"enabled": True, "pause_s": 120, "longest_pause_s": 240}}
    return connection_facts("orders", counts, breaker, look_at(rules, 5, NOW))


def every_minute(since: datetime, counts: Counts) -> dict[datetime, Counts]:
    minutes = int((NOW - since) / MINUTE)
    return {since + n * MINUTE: counts for n in range(minutes + 1)}


def test_a_connection_has_to_be_red_for_so_long() -> None:
    assert met(judged(part(NOW - 5 * MINUTE))) == ["7:orders"]
    assert met(judged(part(NOW - 4 * MINUTE))) == []
    assert met(judged(part(None, Cause.NORMAL))) == []


def test_it_says_since_when_and_why() -> None:
    (verdict,) = judged(part(NOW - 12 * MINUTE))
    assert verdict.title == "Voyado: orders unavailable for 12 minutes"
    assert verdict.explanation == (
        "Unavailable: the last 9 calls all failed. It has been unavailable for 12 minutes; "
        "the limit is 5 minutes."
    )
    assert verdict.since == NOW - 12 * MINUTE
    assert verdict.numbers["red_minutes"] == 12


def test_refused_credentials_are_told_at_once_and_by_their_own_rule_only() -> None:
    facts = shop(accounts=(account(connections=(part(NOW - 9 * MINUTE, Cause.REFUSED),)),))
    assert met(connections(facts, SETTINGS)) == []
    assert met(credentials(facts)) == ["7"]


def test_an_account_that_is_held_says_that_its_tasks_wait() -> None:
    refused = account(refused="The key was refused", is_held=True, refused_since=NOW - HOUR)
    (verdict,) = credentials(shop(accounts=(refused,)))
    assert verdict.title == "Voyado refuses us"
    assert verdict.explanation == (
        "The key was refused. Known since Fri 20 Nov 2026 12:30 (Europe/Stockholm). Its tasks wait "
        "without using up attempts, and go on when the credentials are entered again."
    )
    assert verdict.severity is Severity.CRITICAL
    assert met(credentials(shop(accounts=(account(),)))) == []


def test_red_is_counted_from_the_minute_it_began() -> None:
    counts = every_minute(NOW - 20 * MINUTE, FAILING) | {NOW - 21 * MINUTE: WELL}
    assert seen(counts).red_since == NOW - 20 * MINUTE
    assert seen(counts | {NOW: WELL}).red_since is not None
    assert seen(every_minute(NOW - 20 * MINUTE, WELL)).red_since is None
    assert seen({}).red_since is None


def test_counts_are_needed_for_longer_than_the_limit() -> None:
    assert counts_since(look_at({}, 5, NOW)) <= NOW - 65 * MINUTE
    assert counts_since(look_at({}, 600, NOW)) <= NOW - 660 * MINUTE


def test_an_account_left_alone_is_still_unavailable() -> None:
    breaker = OpenBreaker("orders", NOW - MINUTE, NOW + 3 * MINUTE, 4, "Orders: unavailable")
    facts = seen({}, breaker)
    assert facts.red_since == NOW - (1 + 2 + 4 + 4) * MINUTE
    assert (facts.cause, facts.left_alone_until) == (Cause.UNAVAILABLE, NOW + 3 * MINUTE)
    assert seen(every_minute(NOW - 9 * MINUTE, WELL), breaker).red_since is None


def test_credentials_are_told_a_week_before_they_expire_and_once_more_on_the_last_day() -> None:
    def told(left: timedelta) -> list[str]:
        return met(expiries(shop(accounts=(account(expires_at=NOW + left),)), NOW))

    assert told(8 * DAY) == []
    assert told(7 * DAY) == ["account:7"]
    assert told(DAY) == ["account:7", "account:7:last-day"]
    assert told(-30 * DAY) == ["account:7", "account:7:last-day"]


def test_a_date_is_told_in_the_shops_time() -> None:
    verdict, _ = expiries(shop(accounts=(account(expires_at=NOW + 2 * DAY),)), NOW)
    assert verdict.title == "The credentials of Voyado expire in 48 hours"
    assert verdict.explanation == (
        "The credentials of Voyado expire on Sun 22 Nov 2026 13:30 (Europe/Stockholm)."
    )
    late, _ = expiries(shop(accounts=(account(expires_at=NOW - DAY),)), NOW)
    assert late.title == "The credentials of Voyado have expired"


def test_a_token_says_whether_it_is_used() -> None:
    token = TokenFacts(3, "erp", "operator", NOW + DAY, NOW - HOUR)
    first, last = token_expiries([token], NOW, ZoneInfo("UTC"))
    assert (first.subject, last.subject) == ("token:3", "token:3:last-day")
    assert first.title == "The API token 'erp' expires in 24 hours"
    assert first.explanation.endswith("It was last used on Fri 20 Nov 2026 11:30.")
    assert (first.severity, last.severity) == (Severity.WARNING, Severity.CRITICAL)


def test_accounts_without_a_date_are_not_judged() -> None:
    assert expiries(shop(accounts=(account(),)), NOW) == []
