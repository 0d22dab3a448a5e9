"""Ridge regression: where a linear network rests."""
