"""The kinds of figures by name: what each shows, what it needs, and how it is drawn."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from wd_jax.figures.needs import Needs


@dataclass(frozen=True)
class Kind:
    """A kind of figure; its module in `wd_jax.figures.plots` has the same name, and is loaded when it is used.

    Parameters
    ----------
    name : str
        As in ``wd-jax figure NAME``.
    summary : str
        One line for the list.
    of_sweeps : bool
        Whether it is drawn from sweeps; otherwise from verdicts.
    """

    name: str
    summary: str
    of_sweeps: bool = True

    @property
    def needs(self) -> "Needs | None":
        """What a sweep must hold; None for a kind that is not drawn from a sweep."""
        return importlib.import_module(f"wd_jax.figures.plots.{self.name}").NEEDS if self.of_sweeps else None

    def draw(self, *sources: "xr.Dataset | Any", **given: Any) -> "Figure":
        """Draw the figure; call it inside `wd_jax.figures.style.style`.

        Parameters
        ----------
        *sources : xarray.Dataset or sequence of Verdict
            Sweeps, or the verdicts.
        **given
            What the kind's function takes besides.

        Raises
        ------
        ValueError
            In one line, what a sweep lacks, and the remedy.
        """
        if (needs := self.needs) is not None:
            for runs in sources:
                if lacking := needs.lacking(runs):
                    raise ValueError(f"{self.name}: {lacking}")
        return importlib.import_module(f"wd_jax.figures.plots.{self.name}").sketch(*sources, **given).figure()


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("budget", "decay, drift and noise of each layer's squared norm, stacked epoch by epoch"),
        Kind("epoch_factor", "the factor of the weights per epoch, measured, exact and in the limit"),
        Kind("trajectories", "rms weight against epochs beside pure decay, for each lmbda if it is swept"),
        Kind("plateau", "rms weight at the plateau against lmbda, eta, hidden or batch_size, with fitted exponents"),
        Kind("two_starts", "N(0, 1) and N(0, 1/n_in) side by side, and the book's curve where there is one"),
        Kind("verdicts", "every verdict of a run: how far off, in units of what was allowed", of_sweeps=False),
        Kind("phase", "over eta and lmbda: where decay dominates, where it tails off, where it diverges"),
    )
}
