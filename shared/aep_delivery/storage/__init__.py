"""Reading back what was delivered: one reader per kind of storage behind one Protocol."""
