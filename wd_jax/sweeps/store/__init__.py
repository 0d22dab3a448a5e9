"""A sweep on disk: immutable, self-checksummed files, published whole or not at all."""
