"""Which tasks of a run are whose, where several processes share them without talking to each other."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """One of several equal shares of a run's tasks.

    Attributes
    ----------
    number, of : int
        From 1, and how many there are.
    """

    number: int
    of: int

    @classmethod
    def parsed(cls, text: str) -> "Share":
        """Read ``i/N``.

        Raises
        ------
        ValueError
            For what is none, saying how shares are numbered.

        Examples
        --------
        >>> Share.parsed("2/3")
        Share(number=2, of=3)
        """
        found = re.fullmatch(r"([0-9]{1,7})/([0-9]{1,7})", text.strip())
        if found is None:
            raise ValueError(f"{text!r}: give i/N, such as 1/3")
        share = cls(int(found[1]), int(found[2]))
        if not 1 <= share.number <= share.of:
            raise ValueError(f"{text}: {share.of} shards are numbered from 1 to {share.of}")
        return share

    def of_tasks(self, count: int) -> range:
        """Give the numbers of its tasks: every N-th, so that the dear ones are spread.

        Examples
        --------
        >>> list(Share(2, 3).of_tasks(8))
        [1, 4, 7]
        """
        return range(self.number - 1, count, self.of)

    def __str__(self) -> str:
        """Write ``i/N``."""
        return f"{self.number}/{self.of}"
