"""The rule for every body: camelCase names, strict types, nothing unknown."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from sandbox.engage.amounts import FilledText
from sandbox.engage.refusals import from_validation


class WireModel(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        strict=True,
        frozen=True,
        loc_by_alias=True,
        allow_inf_nan=False,
    )

    @classmethod
    def read(cls, content: Any) -> Self:
        """Validate a parsed JSON body; raises Refusal 400."""
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise from_validation(error) from error


class ContactMatch(WireModel):
    match_key: FilledText
    match_key_type: FilledText
    contact_type: FilledText | None = None


class ExtraDataItem(WireModel):
    name: str
    value: str


class BoolValue(WireModel):
    value: bool


class Store(WireModel):
    name: FilledText
    external_id: FilledText
    active: bool = True
    type: str | None = None
    time_zone: str | None = None
    country_code: str | None = Field(default=None, min_length=2, max_length=2)
    street: str | None = None
    zip_code: str | None = None
    city: str | None = None
    county: str | None = None
    region: str | None = None
    email: str | None = None
    phone_number: str | None = None
    homepage: str | None = None
    sender_name: str | None = None
    sender_address: str | None = None
