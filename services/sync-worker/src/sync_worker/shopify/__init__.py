"""What the shop's webhooks say: only the fields that are used, checked; everything else is ignored."""
