"""How fast the engine is, beside its peers and the machine's own matrix product, all in one run."""
