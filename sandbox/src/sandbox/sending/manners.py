"""How patient a sender is: timeouts, pauses before each retry, and what counts as delivered."""

from collections.abc import Callable
from dataclasses import dataclass

SHOPIFY_RETRIES = 8
SHOPIFY_LADDER_S = 4 * 60 * 60
SVIX_DELAYS_S = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 36_000.0)
GONE = 410


def any_2xx(status: int) -> bool:
    return 200 <= status < 300


def up_to_302(status: int) -> bool:
    return 200 <= status <= 302


@dataclass(frozen=True)
class Manners:
    """`delays_s` are the pauses before the retries; `final` statuses end them at once."""

    delays_s: tuple[float, ...]
    total_timeout_s: float
    connect_timeout_s: float
    delivered: Callable[[int], bool] = any_2xx
    final: frozenset[int] = frozenset()


def shopify_manners(scale: float) -> Manners:
    """Shopify: one second to connect, five in all, eight retries over four hours (times `scale`)."""
    first = SHOPIFY_LADDER_S / (2**SHOPIFY_RETRIES - 1)
    delays = tuple(first * 2**number * scale for number in range(SHOPIFY_RETRIES))
    return Manners(delays, total_timeout_s=5.0, connect_timeout_s=1.0)


def svix_manners(scale: float) -> Manners:
    """Svix: fifteen seconds, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h; 410 means stop."""
    delays = tuple(delay * scale for delay in SVIX_DELAYS_S)
    return Manners(delays, total_timeout_s=15.0, connect_timeout_s=15.0, final=frozenset({GONE}))


def woocommerce_manners() -> Manners:
    """WooCommerce: a minute, no retries, redirects count as success but are not followed."""
    return Manners((), total_timeout_s=60.0, connect_timeout_s=60.0, delivered=up_to_302)
