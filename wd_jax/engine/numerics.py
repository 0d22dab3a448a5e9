"""The version of the engine's arithmetic: results of two versions may differ beyond rounding, and are not mixed."""

VERSION = 1
"""Raise it by one whenever the numbers of a run change beyond rounding: stored tasks are then trained anew.

`tests/engine/test_numerics_version.py` holds small results of this version.
"""
