"""Parts that always add up to the whole."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.mapping.amounts import minor_unit
from sync_worker.mapping.shares import part, split
from tests.unit.sync_worker.bodies import total

CURRENCIES = st.sampled_from(["SEK", "JPY", "KWD"])
WEIGHTS = st.lists(st.decimals("0", "99999", places=2), max_size=12)


@given(CURRENCIES, st.integers(0, 10**12), WEIGHTS)
def test_the_parts_of_a_split_add_up_exactly(currency: str, units: int, weights: list[Decimal]) -> None:
    amount = units * minor_unit(currency)
    parts = split(amount, weights, currency)
    assert len(parts) == len(weights)
    assert total(parts) == (amount if any(weights) else 0)
    assert all(one >= 0 and one % minor_unit(currency) == 0 for one in parts)


@given(CURRENCIES, WEIGHTS)
def test_the_whole_split_by_what_each_is_worth_gives_each_its_worth(
    currency: str, weights: list[Decimal]
) -> None:
    worths = [weight.quantize(minor_unit(currency)) for weight in weights]
    assert split(total(worths), worths, currency) == worths


def test_what_weighs_nothing_gets_nothing() -> None:
    assert split(Decimal("10.00"), [Decimal(0), Decimal(3), Decimal(0)], "SEK") == [0, Decimal("10.00"), 0]


def test_all_items_carry_the_whole_amount_and_more_items_never_carry_less() -> None:
    amount = Decimal("10.00")
    shares = [part(amount, quantity, 3, "SEK") for quantity in range(4)]
    assert shares == [0, Decimal("3.33"), Decimal("6.67"), amount]
