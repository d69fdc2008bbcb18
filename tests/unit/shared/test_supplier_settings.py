"""What a supplier's account may be told, and the sentences for what it may not."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from shared.suppliers.settings import (
    SupplierCredentials,
    SupplierSettings,
    faults_of,
    missing_token,
)

EXAMPLES = Path(__file__).parents[3] / "docs" / "suppliers"


def example(name: str = "gate4cards") -> dict[str, Any]:
    settings: dict[str, Any] = orjson.loads((EXAMPLES / f"{name}.json").read_bytes())
    return settings


def faults(settings: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as raised:
        SupplierSettings.model_validate(settings)
    return dict(faults_of(raised.value))


def changed(path: str, value: Any, name: str = "gate4cards") -> dict[str, Any]:
    """The example with one setting changed; a value of None takes it away."""
    settings = place = example(name)
    *parents, last = path.split(".")
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return settings


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_documented_examples_are_usable(path: Path) -> None:
    SupplierSettings.model_validate(orjson.loads(path.read_bytes()))


@pytest.mark.parametrize(
    ("path", "value", "field", "words"),
    [
        ("type", None, "type", "is missing"),
        ("type", "", "type", "at least 1 character"),
        ("autopublish", True, "autopublish", "is no setting: remove it or correct its name"),
        ("order_status_interval_minutes", 0, "order_status_interval_minutes", "greater than or equal to 1"),
        ("retry_policy", "never", "retry_policy", "'never' is not one of once, local"),
        ("format.products", None, "settings", "'auto_update_product_data' is on, but 'format.products'"),
        ("format.auth", {}, "format.auth", "at least 1 item"),
        ("format.auth", {"Key": "secret"}, "format.auth.Key", "{token} or {token2}"),
        ("format.auth", {"Bad Name": "{token}"}, "format.auth.Bad Name", "is no name of a header"),
        ("format.products.path", "catalog", "format.products.path", "does not begin with /"),
        (
            "format.products.path",
            "/c/{id}",
            "format.products.path",
            "no placeholder {id} here; allowed: none",
        ),
        ("format.products.items", "items", "format.products.items", "it ends with []"),
        ("format.products.paging.style", "scroll", "format.products.paging", "'cursor', 'page', 'offset'"),
        ("format.products.paging.size", 0, "format.products.paging.size", "greater than or equal to 1"),
        ("format.products.fields.price", "a b", "format.products.fields.price", "is no path"),
        ("format.products.fields.stock", None, "format.products.fields", "'stock' or 'available' is needed"),
        ("format.products.price_divisor", 10, "format.products.price_divisor", "1, 100 or 1000"),
        ("format.place_order.body", {"a": "number"}, "format.place_order", "no target gets line.quantity"),
        (
            "format.place_order.body",
            {"n": "line.quantity"},
            "format.place_order",
            "it needs [] where the lines stand",
        ),
        ("format.place_order.required", ["phone"], "format.place_order.required.0", "'number'"),
        ("format.find_order", None, None, ""),
        ("format.order", None, "format", "'order' is needed"),
        ("format.statuses", {}, "format", "'statuses' is needed"),
        ("format.get_orders.by", "magic", "format.get_orders", "'page', 'references', 'reference'"),
        ("format.errors.kinds", {"X": "bad"}, "format.errors.kinds.X", "'out_of_stock'"),
    ],
)
def test_each_mistake_names_its_field(path: str, value: Any, field: str | None, words: str) -> None:
    settings = changed(path, value)
    if field is None:
        SupplierSettings.model_validate(settings)
        return
    found = faults(settings)
    assert words in found[field]


def test_an_order_that_exists_already_has_to_be_found_somehow() -> None:
    settings = changed("format.place_order.existing.reference", None)
    SupplierSettings.model_validate(settings)
    del settings["format"]["find_order"]
    assert "'find_order' to look the order up" in faults(settings)["format"]


def test_a_header_that_carries_the_second_token_needs_it() -> None:
    trinavo = SupplierSettings.model_validate(example("trinavo"))
    gate = SupplierSettings.model_validate(example())
    one, both = SupplierCredentials(token="a"), SupplierCredentials(token="a", token2="b")
    assert missing_token(trinavo, one) == "token2"
    assert missing_token(trinavo, both) is None
    assert missing_token(gate, one) is None


def test_tokens_are_in_no_error_and_no_repr() -> None:
    with pytest.raises(ValidationError) as raised:
        SupplierCredentials.model_validate({"token": "se cret"})
    assert "se cret" not in str(raised.value)
    assert "secret" not in repr(SupplierCredentials(token="secret"))
