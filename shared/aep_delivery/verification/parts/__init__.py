"""One file in several hands: cut into parts, each checked by itself, and joined as if one reader had read it all."""
