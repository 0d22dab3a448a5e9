"""A decay that was asked for, held against the dtype: refused where lost, one warning where distorted."""

import warnings
from collections.abc import Iterable, Sequence

from wd_jax import precision
from wd_jax.conventions import FLOAT32_LOST
from wd_jax.held import Rounding
from wd_jax.hyper import Hyper
from wd_jax.inputs import spellings


def check(
    cells: Sequence[Hyper],
    decays: Sequence[float],
    n: int,
    dtype: str,
    steps: Iterable[int],
    stacklevel: int,
    rounding: Rounding = "nearest",
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
        Of the weights.
    steps : iterable of int
        Of the runs, for the share of the decay that they keep.
    stacklevel : int
        Of the caller that the warning names.
    rounding : {"nearest", "compensated"}
        Whether what rounding takes off weights is kept.

    Raises
    ------
    ValueError
        Naming the cells and what keeps their decay.
    """
    form = precision.form_of(dtype, rounding)
    found = [one for one in zip(cells, decays, strict=True) if one[1] == one[1]]
    said: dict[precision.Word, list[tuple[Hyper, float]]] = {"kept": [], "wrong rate": [], "stops": [], "lost": []}
    for one in found:
        said[precision.word(one[1], dtype, form)].append(one)
    if lost := said["lost"]:
        raise ValueError(f"{_named(lost, len(cells), n)}, which {dtype} rounds to nothing: {_remedy(lost, n, dtype)}")
    if distorted := said["wrong rate"] + said["stops"]:
        lengths = tuple(steps)
        shares = [precision.decay_kept(epsilon, dtype, count, form) for _, epsilon in distorted for count in lengths]
        warnings.warn(
            f"{_named(distorted, len(cells), n)}, which {dtype} distorts on weights without gradient: on average they "
            f"keep {_range(shares)} of it (decay_kept): {_remedy(distorted, n, dtype)}",
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


def _remedy(found: Sequence[tuple[Hyper, float]], n: int, dtype: str) -> str:
    """Say what was probably meant, and name what keeps all of them, if there is anything."""
    if ways := precision.remedies([epsilon for _, epsilon in found], dtype):
        return f"{_meant(found, n)}use {ways}"
    return f"{_meant(found, n)}raise lmbda or eta, or give lmbda=0 for no decay"
