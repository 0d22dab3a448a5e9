"""Saturated sigmoid units at initialisation."""
