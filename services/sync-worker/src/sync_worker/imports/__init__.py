"""From the shop's export to stored customers and orders, in slices that any replica goes on with."""
