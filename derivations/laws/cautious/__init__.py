"""Cautious decay: only of weights that the step moves towards zero."""
