"""How a package is worded for each target, and how their answers are read. Pure."""
