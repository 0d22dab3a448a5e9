"""Statistics of runs: intervals, fits, plateaus, and the comparison that ends in a verdict."""
