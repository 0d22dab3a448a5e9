"""Schedules of the learning rate: constant, steps, linear and cosine."""
