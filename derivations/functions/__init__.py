"""What SymPy lacks, each function with its mpmath, NumPy and JAX forms together."""
