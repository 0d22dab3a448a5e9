"""Decay of averages: schedule-free, moving averages of the weights, Lookahead."""
