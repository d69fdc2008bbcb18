"""The one rule for text in files that people open with a spreadsheet. Pure."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def disarmed(text: str) -> str:
    """The text as it is, or behind an apostrophe when a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
