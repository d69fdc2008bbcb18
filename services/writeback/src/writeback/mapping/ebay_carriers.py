"""Which code eBay has for a carrier. The table is `ebay_carriers.toml`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

OTHER = "Other"
_NAMES: Mapping[str, list[str]] = tomllib.loads((Path(__file__).parent / "ebay_carriers.toml").read_text())[
    "names"
]


def carrier_code(text: str, own_codes: Mapping[str, str]) -> str:
    """`own_codes`: what the account's settings say, by the shipper's name; they come first."""
    wanted = _plain(text)
    own = next((code for name, code in own_codes.items() if _plain(name) == wanted), None)
    return own or _CODES.get(wanted, OTHER)


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


_CODES: Mapping[str, str] = {
    **{_plain(name): code for code, names in _NAMES.items() for name in names},
    **{_plain(code): code for code in _NAMES},
}
