"""A decay that was asked for, held against the dtype: refused where lost, one warning where distorted."""

import warnings
from collections.abc import Iterable, Sequence

from wd_jax import precision
from wd_jax.conventions import FLOAT32_LOST
from wd_jax.hyper import Hyper
from wd_jax.inputs import spellings


def check(
    cells: Sequence[Hyper], decays: Sequence[float], n: int, dtype: str, steps: Iterable[int], stacklevel: int
) -> None:
    """Refuse decays that a dtype loses, and warn once of those that it distorts where no gradient dithers them.

    Parameters
    ----------
    cells : sequence of Hyper
        Plain numbers.
    decays : sequence of float
        Of each cell, per step of a weight without gradient, dimensionless: eta*lmbda/n if it is decoupled; NaN, of
        which nothing is said, where it has no rate.
    n : int
        Training-set size, examples.
    dtype : str
        Of weights and arithmetic.
    steps : iterable of int
        Of the runs, for the share of the decay that they keep.
    stacklevel : int
        Of the caller that the warning names.

    Raises
    ------
    ValueError
        Naming the cells and the dtype that keeps their decay.
    """
    found = [one for one in zip(cells, decays, strict=True) if one[1] == one[1]]
    said: dict[precision.Word, list[tuple[Hyper, float]]] = {"kept": [], "wrong rate": [], "stops": [], "lost": []}
    for one in found:
        said[precision.word(one[1], dtype)].append(one)
    if lost := said["lost"]:
        raise ValueError(f"{_named(lost, len(cells), n)}, which {dtype} rounds to nothing: {_remedy(lost, n)}")
    if distorted := said["wrong rate"] + said["stops"]:
        lengths = tuple(steps)
        shares = [precision.decay_kept(epsilon, dtype, count) for _, epsilon in distorted for count in lengths]
        warnings.warn(
            f"{_named(distorted, len(cells), n)}, which {dtype} distorts on weights without gradient: on average they "
            f"keep {_range(shares)} of it (decay_kept): {_remedy(distorted, n)}",
            stacklevel=stacklevel + 1,
        )
    tiny = [one for one in said["kept"] if 0 < one[1] <= FLOAT32_LOST]
    if tiny and (meant := _meant(tiny, n)):
        text = f"{_named(tiny, len(cells), n)}, as good as nothing: {meant.rstrip('; ')}"
        warnings.warn(text, stacklevel=stacklevel + 1)


def _named(found: Sequence[tuple[Hyper, float]], of: int, n: int) -> str:
    """Name the cells by the ranges of their numbers."""
    eta, lmbda = (_range([getattr(cell, name) for cell, _ in found], "g") for name in ("eta", "lmbda"))
    count = f" ({len(found)} of {of} cells)" if of > 1 else ""
    return f"eta={eta}, lmbda={lmbda}, n={n}{count} decay by {_range([epsilon for _, epsilon in found])} per step"


def _range(values: Sequence[float], digits: str = ".3g") -> str:
    """Give the ends, once where they print alike."""
    return " to ".join(dict.fromkeys(format(end, digits) for end in (min(values), max(values))))


def _meant(found: Sequence[tuple[Hyper, float]], n: int) -> str:
    """Say which lmbda was probably meant, where the first of these is another library's weight_decay; else nothing."""
    return spellings.if_weight_decay(found[0][0].eta, found[0][0].lmbda, n)


def _remedy(found: Sequence[tuple[Hyper, float]], n: int) -> str:
    """Say what was probably meant, and name the dtype that keeps all of them, if there is one."""
    if all(precision.word(epsilon, "float64") == "kept" for _, epsilon in found):
        return f"{_meant(found, n)}use dtype='float64'"
    return f"{_meant(found, n)}raise lmbda or eta, or give lmbda=0 for no decay"
