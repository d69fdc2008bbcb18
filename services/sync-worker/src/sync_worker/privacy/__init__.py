"""What the shop's privacy topics ask for: personal data is handed out, or removed wherever it was kept."""
