"""Which code Amazon has for a carrier, by marketplace. The table is `amazon_carriers.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OTHER = "Other"
_TABLE = tomllib.loads((Path(__file__).parent / "amazon_carriers.toml").read_text())


@dataclass(frozen=True, slots=True)
class Carrier:
    """`name` is wanted, and sent, only with the code for all others."""

    code: str
    name: str | None = None


def carrier_of(text: str, marketplace_id: str, own_codes: Mapping[str, str]) -> Carrier:
    """`own_codes`: what the account's settings say, by the shipper's name; they come first."""
    wanted = _plain(text)
    own = next((code for name, code in own_codes.items() if _plain(name) == wanted), None)
    code = own or _codes(marketplace_id).get(wanted, OTHER)
    return Carrier(code, text.strip() if code == OTHER else None)


@cache
def _codes(marketplace_id: str) -> Mapping[str, str]:
    """Amazon's code for each name that means one there; a code's own name beats another's second one."""
    known = _TABLE["marketplaces"]
    codes = [*known["besides"].get(marketplace_id, ()), *known["everywhere"]]
    names = [(code, code) for code in codes]
    names += [(name, code) for code in codes for name in _TABLE["names"][code]]
    return {_plain(name): code for name, code in reversed(names)}


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
