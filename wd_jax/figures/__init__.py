"""Figures: one file each; functions take data and ``ax``, return what they drew, never show it."""
