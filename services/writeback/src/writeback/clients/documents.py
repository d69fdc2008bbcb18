"""The GraphQL operations this service asks of the shop's Admin API: `graphql/<name>.graphql`."""

from functools import partial

from shared.clients import shopify_admin

load_document = partial(shopify_admin.load_document, __file__)
