"""Where shipments are reported to: one adapter for each kind of shop or marketplace, behind one port."""
