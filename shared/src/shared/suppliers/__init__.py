"""What a supplier's account may be told: checked where it is entered, obeyed where it is used."""
