"""The proof: which files must be there, whether each is whole, whether they add up, and the receipt that says so."""
