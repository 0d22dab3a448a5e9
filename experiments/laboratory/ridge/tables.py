"""Tables of the ridge experiment."""

import xarray as xr

from experiments.laboratory.ridge.settings import Settings
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Table

FORMS = ("exact", "additive", "flow")


def at_rest(preset: Settings, rest: xr.Dataset, over: xr.Dataset) -> Table:
    """Lay out the covariance of every case at rest.

    Parameters
    ----------
    preset : Settings
        Its cases.
    rest, over : xarray.Dataset
        What `analysis.at_rest` and `analysis.ratios` returned.
    """
    rows = []
    for i, case in enumerate(preset.cases):
        one = over.isel(case=i)
        rows.append(
            (
                str(case),
                f"{float(rest.measured.isel(case=i).mean()):.5f}",
                *(t_interval(one[name].values).with_digits(".4f", ".4f") for name in FORMS),
                f"{float(rest.radius.isel(case=i).max()):.3f}",
            )
        )
    columns = ("setting", "trace measured", "exact law / measured", "additive / measured", "OU / measured", "slowest")
    note = (
        "Trace of the covariance at rest, mean over training sets. Slowest: the largest factor, over training sets, by "
        "which the slowest part of the second moment shrinks a step; 1 or more would never settle."
    )
    return Table("At rest", columns, tuple(rows), note)


def on_the_way(way: xr.Dataset) -> Table:
    """Lay out what `analysis.on_the_way` returned, at some steps."""

    def over(law: str, name: str, step: int) -> str:
        return t_interval((way[law] / way[name]).sel(step=step).values).with_digits(".4f", ".4f")

    rows = tuple(
        (
            step,
            f"{float(way.square.sel(step=step).mean()):.4f}",
            over("mean_exact", "mean", step),
            over("square_exact", "square", step),
            over("square_additive", "square", step),
        )
        for step in way.step.values.tolist()
        if step in (1, 2, 5, 10, 20)
    )
    columns = ("steps", "mean square measured", "mean: law / measured", "square: law / measured", "square: additive")
    return Table("On the way from weights of 0", columns, rows, "Mean over training sets, with 95 % intervals.")
