"""The one error of a log that cannot be read."""


class LogError(ValueError):
    """A log that cannot be read: one line naming the file, what was found in it and the remedy."""
