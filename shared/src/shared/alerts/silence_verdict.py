"""Rule order-silence as a verdict, worded for people. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.alerts.hours import clock_text
from shared.alerts.settings import AlertSettings
from shared.alerts.silence import PATIENCE, Proof, Silence, SilenceFacts, Standing, silence_of, window_of
from shared.alerts.verdicts import Rule, Severity, Verdict
from shared.alerts.words import duration, limit, many, moment

_REMEDIES = {
    Standing.MISSED: (
        "The missed orders are being fetched already. See whether tasks of the order sync fail or wait; "
        "correct what their remedy says, then retry them."
    ),
    Standing.SUBSCRIPTION_GONE: (
        "The subscription is being made again and the orders since are being fetched; nothing has to be "
        "done for them. If it goes again, find out who removes it: another installation of the app, or "
        "someone who works on the shop's notifications."
    ),
    Standing.UNPROVEN: (
        "Look in the shop's administration whether there were orders since. If there were, see that the "
        "shop's connection is well and its credentials are valid; if there were none, mute this alert."
    ),
    Standing.ASKING: "Look in the shop's administration whether there were orders since.",
}
_WAITS = (Standing.ASKING, Standing.UNPROVEN)


def order_silence(facts: SilenceFacts, settings: AlertSettings, now: datetime) -> Verdict:
    """Silent and not proven yet: met, but with a hold, so that it fires only if no proof comes in good time.

    Quiet: not met. Orders missed or the subscription gone: met at once, and for a few minutes after the
    remedy ended the silence, so that it is told at all. Unproven: met, with a hold.
    """
    silence = silence_of(facts, settings, now)
    return Verdict(
        rule=Rule.ORDER_SILENCE,
        subject="",
        is_met=silence.standing in _REMEDIES,
        severity=Severity.CRITICAL,
        title=_title(silence, facts),
        explanation=" ".join(_sentences(silence, facts, settings)),
        numbers=_numbers(silence, facts, settings),
        hold=PATIENCE if silence.standing in _WAITS else timedelta(),
        since=silence.began_at,
        remedy=_REMEDIES.get(silence.standing),
        link={"created_from": _utc(silence.began_at)},
    )


def _title(silence: Silence, facts: SilenceFacts) -> str:
    none_for = f"No order synced for {duration(silence.counted)}"
    missed = silence.proof.missed if silence.proof else 0
    titles = {
        Standing.UNWATCHED: "A silence of orders is not watched",
        Standing.WITHIN_LIMIT: "Orders are synced" if facts.last_synced_at else "No order yet",
        Standing.ASKING: none_for,
        Standing.QUIET: "The shop is quiet: it had no orders",
        Standing.MISSED: f"{many(missed, 'order')} missed" if missed else "Orders were missed",
        Standing.SUBSCRIPTION_GONE: "The shop no longer sends its orders: a webhook subscription is gone",
        Standing.UNPROVEN: f"{none_for}, and the shop could not be asked",
    }
    return titles[silence.standing]


def _sentences(silence: Silence, facts: SilenceFacts, settings: AlertSettings) -> list[str]:
    if silence.standing is Standing.UNWATCHED:
        return ["The shop's alert settings say so."]
    zone = ZoneInfo(facts.zone)
    if silence.is_over:
        ended = moment(facts.began_at, zone)
        said = [f"No order was synced from {moment(silence.began_at, zone)} to {ended} ({zone.key})."]
    else:
        said = [_last(facts, zone), _how_long(silence, settings)]
    return [*said, *_asked(silence, zone), *_outlook(silence, facts, settings)]


def _last(facts: SilenceFacts, zone: ZoneInfo) -> str:
    began = f"{moment(facts.began_at, zone)} ({zone.key})"
    if facts.last_synced_at is None:
        return f"No order has been synced since the shop was connected on {began}."
    return f"The last order was synced on {began}."


def _how_long(silence: Silence, settings: AlertSettings) -> str:
    allowed = f"the limit is {limit(settings.silence_minutes)}."
    if settings.window_opens == settings.window_closes:
        return f"That is {duration(silence.counted)} ago; {allowed}"
    return f"Of the time since, {duration(silence.counted)} count ({_hours(settings)}); {allowed}"


def _asked(silence: Silence, zone: ZoneInfo) -> list[str]:
    proof = silence.proof
    if silence.standing is Standing.ASKING:
        return ["The shop is being asked whether it had orders since; it has not answered yet."]
    if proof is None:
        return []
    if silence.standing is Standing.WITHIN_LIMIT:
        return [f"In the silence before: {proof.words}", *_fetched(proof)]
    if silence.standing is Standing.UNPROVEN:
        return ["Whether the shop had orders since could not be found out.", proof.words]
    return [f"The shop was asked on {moment(proof.asked_at, zone)}.", proof.words, *_fetched(proof)]


def _fetched(proof: Proof) -> list[str]:
    if not proof.fetched:
        return []
    return [f"Fetched and synced since: {proof.fetched:,} of {proof.missed:,}."]


def _outlook(silence: Silence, facts: SilenceFacts, settings: AlertSettings) -> list[str]:
    if silence.is_over:
        return ["Orders are synced again."]
    if silence.standing is Standing.QUIET:
        return ["So nothing is missing. It is asked again while it stays quiet."]
    if silence.standing is Standing.WITHIN_LIMIT:
        reached = moment(_reached(silence, facts, settings), ZoneInfo(facts.zone))
        return [f"If none is synced by {reached}, the shop is asked."]
    return []


def _numbers(silence: Silence, facts: SilenceFacts, settings: AlertSettings) -> dict[str, Any]:
    proof = silence.proof
    return {
        "standing": silence.standing.value,
        "last_order_synced_at": _utc(facts.last_synced_at) if facts.last_synced_at else None,
        "silent_since": _utc(silence.began_at),
        "silent_minutes": silence.counted // timedelta(minutes=1),
        "limit_minutes": settings.silence_minutes,
        "limit_reached_at": _utc(_reached(silence, facts, settings)),
        "window": _hours(settings),
        "time_zone": facts.zone,
        "asked_at": _utc(proof.asked_at) if proof else None,
        "orders_made": proof.made if proof else None,
        "orders_missed": proof.missed if proof else None,
        "orders_fetched": proof.fetched if proof else None,
    }


def _reached(silence: Silence, facts: SilenceFacts, settings: AlertSettings) -> datetime:
    return window_of(facts.zone, settings).reached(silence.began_at, settings.silence_period)


def _hours(settings: AlertSettings) -> str:
    if settings.window_opens == settings.window_closes:
        return "all day"
    return f"{clock_text(settings.window_opens)}–{clock_text(settings.window_closes)}"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
