"""Rules connection and credentials: another system is unavailable for so long, or refuses us. Pure."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from shared.alerts.facts import AccountFacts, ConnectionFacts, ShopFacts
from shared.alerts.settings import AlertSettings
from shared.alerts.verdicts import Rule, Severity, Verdict
from shared.alerts.words import duration, limit, moment, stamp
from shared.connections.judging import Cause
from shared.remedies import remedy_for


def connections(facts: ShopFacts, settings: AlertSettings) -> list[Verdict]:
    """One verdict for each part of each account's system, subject `<account>:<part>`."""
    return [
        _connection(account, part, facts, settings)
        for account in facts.accounts
        for part in account.connections
    ]


def credentials(facts: ShopFacts) -> list[Verdict]:
    """One verdict for each account, subject its id. Refused is refused: there is nothing to wait for."""
    return [_credentials(account, facts) for account in facts.accounts]


def _connection(
    account: AccountFacts, part: ConnectionFacts, facts: ShopFacts, settings: AlertSettings
) -> Verdict:
    since = None if part.cause is Cause.REFUSED else part.red_since
    lasted = facts.known_until - since if since is not None else timedelta()
    is_met = since is not None and lasted >= timedelta(minutes=settings.red_minutes)
    title = f"{account.name}: {part.category} unavailable for {duration(lasted)}"
    return Verdict(
        rule=Rule.CONNECTION,
        subject=f"{account.id}:{part.category}",
        is_met=is_met,
        severity=Severity.CRITICAL,
        title=title if since is not None else f"{account.name}: {part.category} available",
        explanation=_connection_words(part, lasted, settings),
        numbers={
            "account": account.name,
            "kind": account.kind,
            "part": part.category,
            "red_since": stamp(since) if since is not None else None,
            "red_minutes": lasted // timedelta(minutes=1),
            "limit_minutes": settings.red_minutes,
            "cause": part.cause.value,
            "left_alone_until": stamp(part.left_alone_until) if part.left_alone_until else None,
        },
        since=since,
        remedy=remedy_for("connection") if is_met else None,
        link={"account": str(account.id), "state": "failed"},
    )


def _connection_words(part: ConnectionFacts, lasted: timedelta, settings: AlertSettings) -> str:
    said = f"{part.reason}."
    if part.red_since is not None and part.cause is not Cause.REFUSED:
        said += (
            f" It has been unavailable for {duration(lasted)}; the limit is {limit(settings.red_minutes)}."
        )
    if part.left_alone_until is not None:
        said += f" It is left alone until {part.left_alone_until:%H:%M} UTC, and then tried again."
    return said


def _credentials(account: AccountFacts, facts: ShopFacts) -> Verdict:
    refusing = [part for part in account.connections if part.red_since and part.cause is Cause.REFUSED]
    refused = account.refused or (refusing[0].reason if refusing else None)
    since = account.refused_since or (refusing[0].red_since if refusing else None)
    return Verdict(
        rule=Rule.CREDENTIALS,
        subject=str(account.id),
        is_met=refused is not None,
        severity=Severity.CRITICAL,
        title=f"{account.name} refuses us" if refused else f"{account.name} accepts its credentials",
        explanation=_credentials_words(account, refused, facts) if refused else "No refusal is known.",
        numbers={
            "account": account.name,
            "kind": account.kind,
            "is_held": account.is_held,
            "refused_since": stamp(since) if since else None,
        },
        since=since,
        remedy=remedy_for("authentication") if refused else None,
        link={"account": str(account.id), "state": "failed"},
    )


def _credentials_words(account: AccountFacts, refused: str, facts: ShopFacts) -> str:
    said = refused if refused.endswith((".", "!", "?")) else f"{refused}."
    if account.refused_since is not None:
        zone = ZoneInfo(facts.zone)
        said += f" Known since {moment(account.refused_since, zone)} ({zone.key})."
    if account.is_held:
        said += " Its tasks wait without using up attempts, and go on when the credentials are entered again."
    else:
        said += " Tasks that need this account fail until that is corrected."
    return said
