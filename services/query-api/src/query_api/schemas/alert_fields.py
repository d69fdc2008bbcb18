"""Fields that answers and requests about alert settings share."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from query_api.auth import Reader
from shared.alerts.setting_faults import setting_faults
from shared.alerts.settings import AlertSettings
from shared.faults import dotted


def _in_words(value: Any, check: ValidatorFunctionWrapHandler) -> AlertSettings:
    """What is wrong is told as people would say it, field by field."""
    try:
        settings: AlertSettings = check(value)
    except ValidationError as error:
        raise _told(error, setting_faults(error)) from None
    return settings


def _told(error: ValidationError, words: Mapping[str, str]) -> ValidationError:
    places = {dotted(fault["loc"]): fault["loc"] for fault in error.errors()}
    return ValidationError.from_exception_data(
        error.title,
        [
            {"type": "value_error", "loc": places[name], "input": None, "ctx": {"error": ValueError(text)}}
            for name, text in words.items()
        ],
        hide_input=True,
    )


CheckedSettings = Annotated[AlertSettings, WrapValidator(_in_words)]


def for_reader(settings: AlertSettings, reader: Reader) -> AlertSettings:
    """Without the addresses where the reader's role may not see them."""
    return settings if reader.may_see_payloads else settings.model_copy(update={"extra_addresses": ()})
