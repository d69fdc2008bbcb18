"""What an account's settings say about its connections: when they count as troubled, and what follows."""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.faults import Location, dotted, faults_of

HEALTH, BREAKER = "health", "breaker"


class Health(BaseModel):
    """From where on a connection is not green any more; the account's setting `health`.

    `window_minutes`: how far back it looks, and after how long without a call nothing is known. Rates are
    shares of the calls of that time; of fewer than `min_calls` calls they mean little. `slow_ms`: what one
    call in twenty may exceed. A colour is left below `calm` times what it began at, so that it does not flap.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_minutes: int = Field(10, ge=1, le=60)
    min_calls: int = Field(5, ge=1, le=1_000)
    yellow_error_rate: float = Field(0.05, ge=0, lt=1)
    red_error_rate: float = Field(0.5, gt=0, le=1)
    rate_limited_rate: float = Field(0.5, gt=0, le=1)
    slow_ms: float = Field(5_000, gt=0, lt=10_000)
    calm: float = Field(0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _red_is_worse(self) -> "Health":
        if self.red_error_rate <= self.yellow_error_rate:
            raise ValueError("'red_error_rate' has to be greater than 'yellow_error_rate'")
        return self


class Breaker(BaseModel):
    """Whether, and how long, an account whose connection is unavailable is left alone; its setting `breaker`.

    Each time in a row the pause is twice as long, up to `longest_pause_s`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = False
    pause_s: int = Field(120, ge=60, le=86_400)
    longest_pause_s: int = Field(1_800, ge=60, le=86_400)


Rules = TypeVar("Rules", Health, Breaker)


def health_rules(settings: Mapping[str, Any]) -> Health:
    """The account's own rules; unusable ones count as none."""
    return _rules(Health, settings.get(HEALTH))


def breaker_rules(settings: Mapping[str, Any]) -> Breaker:
    """The account's own rules; unusable ones count as none."""
    return _rules(Breaker, settings.get(BREAKER))


def rule_faults(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the rules among an account's settings, by the name of the setting."""
    found: dict[str, str] = {}
    for name, model in ((HEALTH, Health), (BREAKER, Breaker)):
        try:
            model.model_validate(settings.get(name) or {})
        except ValidationError as error:
            found |= faults_of(error, partial(_field, name))
    return found


def _field(name: str, location: Location) -> str:
    return dotted((name, *location))


def _rules(model: type[Rules], wanted: object) -> Rules:
    try:
        return model.model_validate(wanted or {})
    except ValidationError:
        return model()
