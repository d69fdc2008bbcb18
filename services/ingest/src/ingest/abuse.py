"""Which addresses send so many bad signatures that it is no mistake any more."""

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass

MAX_ADDRESSES = 10_000
_IPV6_CUSTOMER_BITS = 64


@dataclass(slots=True)
class _Window:
    started_at: float
    strikes: int = 0


class BadSignatures:
    """Counts by client in windows of fixed length; bounded, the longest silent client is forgotten first."""

    def __init__(self, *, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def strike(self, address: str, *, now: float) -> int:
        """Counts one. Returns 0, or the seconds to stay away once there were more than the limit."""
        client = client_of(address)
        window = self._windows.pop(client, None)
        if window is None or now - window.started_at >= self._window_s:
            window = _Window(now)
        window.strikes += 1
        self._windows[client] = window
        if len(self._windows) > MAX_ADDRESSES:
            self._windows.popitem(last=False)
        if window.strikes <= self._limit:
            return 0
        return max(1, math.ceil(window.started_at + self._window_s - now))


def client_of(address: str) -> str:
    """Whom an address belongs to: one customer usually owns a whole /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(parsed), _IPV6_CUSTOMER_BITS), strict=False))
    return str(parsed)
