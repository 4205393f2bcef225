"""What a delivery rests on, checked one by one: each with its remedy."""
