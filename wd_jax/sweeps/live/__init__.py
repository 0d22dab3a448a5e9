"""A run seen while it goes on: what is done, by whom, how long it will take, and the first curves."""
