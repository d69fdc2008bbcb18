"""The documented part of the schema, from its `.graphql` files: nothing else can be asked for."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema, build_schema

_FOLDER = Path(__file__).parent / "schema"


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"Invalid DateTime '{value}'") from None
    if moment.tzinfo is None:
        raise GraphQLError(f"DateTime '{value}' must name its offset from UTC")
    return moment


def _text(value: Any) -> str:
    return str(value)


def _decimal(value: Decimal) -> str:
    """Without needless zeros, but with one decimal at least: 10.0, 1324.5, 79.95."""
    plain = f"{value.normalize():f}"
    return plain if "." in plain else f"{plain}.0"


def _scalars(schema: GraphQLSchema) -> Mapping[str, GraphQLScalarType]:
    return {name: kind for name, kind in schema.type_map.items() if isinstance(kind, GraphQLScalarType)}


def _build() -> GraphQLSchema:
    """Numbers that floats cannot hold travel as text, moments as ISO 8601."""
    files = sorted(_FOLDER.glob("*.graphql"))
    schema = build_schema("\n".join(file.read_text(encoding="utf-8") for file in files))
    scalars = _scalars(schema)
    for name in ("Money", "UnsignedInt64", "URL", "DateTime"):
        scalars[name].coerce_output_value = _text
    scalars["Decimal"].coerce_output_value = _decimal
    scalars["DateTime"].coerce_input_value = _moment
    return schema


SCHEMA = _build()
