"""What deserves attention: settings, facts, rules. Evaluated by alerting, shown by the query API."""
