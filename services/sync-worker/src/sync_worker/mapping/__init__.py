"""Pure translation from the shop's words to the CRM's."""
