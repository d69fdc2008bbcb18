"""What marketplaces are asked for, whichever it is: their orders, and what they list."""
