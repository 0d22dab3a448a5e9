"""Saved weights in a folder, read as a log of norms: one record a checkpoint."""
