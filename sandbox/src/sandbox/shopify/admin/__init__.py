"""The shop's Admin GraphQL API."""
