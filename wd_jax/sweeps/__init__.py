"""A sweep from its axes to its result: plan, threads, progress, assembly."""
