"""An Engage CRM: contacts, receipts, orders, stores, preferences and consents, kept in memory."""
