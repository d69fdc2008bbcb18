"""The one request that each contender's CRM task makes."""

import os
from typing import Any


def crm_request(number: int) -> dict[str, Any]:
    """A new contact, as arguments of httpx's `post`."""
    return {
        "url": f"{os.environ['CRM_URL']}/api/v3/contacts",
        "headers": {"apikey": os.environ["CRM_KEY"], "User-Agent": "benchmarks/1"},
        "json": {
            "ContactType": "Member",
            "Email": f"kim.{number}@example.com",
            "FirstName": "Kim",
            "LastName": "Berg",
        },
    }
