"""Minibatches drawn without replacement."""
