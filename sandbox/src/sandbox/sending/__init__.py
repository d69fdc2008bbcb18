"""How the outside systems send webhooks: what all senders share."""
