"""Errors of a run that are worded for its user: one line that names the thing and the remedy. Loads nothing."""


class RunError(RuntimeError):
    """Something went wrong in a run; what finished is kept."""


class IncompleteError(RunError):
    """A run of which tasks failed; what finished is kept."""


class DeterminismAlarm(RunError):
    """The same task gave different numbers twice; the first are kept."""
