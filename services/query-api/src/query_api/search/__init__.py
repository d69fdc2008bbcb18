"""The search box: what a text can mean, and which tasks it is true of. Pure."""
