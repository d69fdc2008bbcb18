"""The pages of the navigation, in its order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` is also that of its icon."""

    name: str
    title: str
    address: str
    admin_only: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Entries that belong together; without a title where they need none."""

    title: str | None
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(
        None,
        (
            Entry("tasks", "Tasks", "/"),
            Entry("failures", "Failures", "/failures"),
            Entry("orders", "Orders", "/orders"),
            Entry("statistics", "Statistics", "/statistics"),
        ),
    ),
    Section(
        "Work",
        (
            Entry("shipments", "Shipments", "/shipments"),
            Entry("imports", "Imports", "/imports"),
            Entry("operations", "Operations", "/operations"),
        ),
    ),
    Section(
        "Watch",
        (
            Entry("connections", "Connections", "/connections"),
            Entry("refused", "Refused deliveries", "/refused"),
            Entry("alerts", "Alerts", "/alerts"),
        ),
    ),
    Section(
        "Set up",
        (
            Entry("accounts", "Suppliers & accounts", "/accounts"),
            Entry("settings", "Settings", "/settings"),
        ),
    ),
)
