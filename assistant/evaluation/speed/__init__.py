"""How fast composition and decoding are on this machine, beside the alternatives, in one run."""
