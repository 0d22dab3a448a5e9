"""An erf unit that learns from another one, each example seen once."""
