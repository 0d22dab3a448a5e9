"""W&B's export of a chart: a column "run - metric" a run, with __MIN and __MAX beside it."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs.source import Source

BOUNDS = ("__MIN", "__MAX")
BETWEEN = " - "


def is_chart(names: Sequence[str]) -> bool:
    """Tell such an export by its columns' names.

    Examples
    --------
    >>> is_chart(["Step", "wise-sea-3 - loss", "wise-sea-3 - loss__MIN", "wise-sea-3 - loss__MAX"])
    True
    """
    return any(name.endswith(BOUNDS) and BETWEEN in name for name in names)


def runs_of(names: Sequence[str]) -> list[str]:
    """List the runs whose metrics there are.

    Examples
    --------
    >>> runs_of(["Step", "a - loss", "a - loss__MIN", "b - loss"])
    ['a', 'b']
    """
    return list(dict.fromkeys(name.rsplit(BETWEEN, 1)[0] for name in names if BETWEEN in name))


def of_one_run(source: Source) -> Source:
    """Name the columns by their metric alone where all are of one run; leave out smallest and largest values.

    Parameters
    ----------
    source : Source
        Of the table as it stands.

    Returns
    -------
    Source
        With several runs its names stay those of the file, so that a mapping can choose among them.
    """
    kept = [name for name in source.names if not name.endswith(BOUNDS)]
    runs = runs_of(kept)
    if len(runs) == 1:
        renamed = {name: name.rsplit(BETWEEN, 1)[-1] for name in kept}
    else:
        renamed = {name: name for name in kept}
    raw = {new: old for old, new in renamed.items()}

    def blocks(wanted: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        yield from source.blocks([raw[name] for name in wanted])
        source.notes.append("A chart exported by W&B holds sampled points: the run's history has all of them.")

    return Source(
        source.path, "W&B's exported chart", tuple(raw), blocks, source.notes, tuple(runs)[len(runs) == 1 :], renamed
    )
