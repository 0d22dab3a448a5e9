"""The one error of data that cannot be used."""


class DatasetError(ValueError):
    """A data set that cannot be used: one line naming the file or array, the check it failed and the remedy."""
