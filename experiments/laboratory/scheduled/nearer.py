"""Which of two forms a measurement is nearer to: where a tolerance lets both pass, intervals may tell them apart."""

import numpy as np
import xarray as xr

from wd_jax.stats.estimates import t_interval


def nearer(measured: xr.DataArray, given: dict[str, xr.DataArray]) -> str:
    """Say which of two forms is nearer, at the cell where they differ most against the interval.

    Parameters
    ----------
    measured : DataArray [..., seed]
        All positive.
    given : dict of DataArray [...]
        Two forms on the same cells, under their names.

    Returns
    -------
    str
        A sentence. Its number of cells counts those where the 95 % interval leaves one of the forms out alone.

    Examples
    --------
    >>> runs = xr.DataArray([[1.0, 1.01, 0.99]], dims=("step", "seed"), coords={"step": [7]})
    >>> law, usual = (xr.DataArray([value], dims="step", coords={"step": [7]}) for value in (1.0, 1.1))
    >>> nearer(runs, {"the law": law, "the usual form": usual})
    'the law is nearer in 1 of the 1 cells whose interval tells the two apart (at step 7: measured 1 ± 0.025, the law \
1.0000, the usual form 1.1000)'
    """
    names = list(given)
    cells = [dim for dim in measured.dims if dim != "seed"]
    runs = measured.transpose(*cells, "seed")
    places = {dim: measured[dim] for dim in cells}
    forms = [one.sel(places).transpose(*cells).values.ravel() for one in given.values()]
    found = [t_interval(row) for row in runs.values.reshape(-1, runs.sizes["seed"])]
    inside = np.array([[one.low <= form[i] <= one.high for form in forms] for i, one in enumerate(found)])
    apart = inside[:, 0] != inside[:, 1]
    half = np.array([(one.high - one.low) / 2 for one in found])
    most = int(np.abs((forms[0] - forms[1]) / half).argmax())
    at = np.unravel_index(most, [runs.sizes[dim] for dim in cells])
    where = ", ".join(f"{dim} {measured[dim].values[i]}" for dim, i in zip(cells, at, strict=True))
    numbers = f"at {where}: measured {found[most]}, {names[0]} {forms[0][most]:.4f}, {names[1]} {forms[1][most]:.4f}"
    if not apart.any():
        return (
            f"in none of {len(found)} cells does the interval keep one of {names[0]} and {names[1]} alone ({numbers})"
        )
    first, total = int(inside[apart, 0].sum()), int(apart.sum())
    winner, count = (names[0], first) if 2 * first >= total else (names[1], total - first)
    return f"{winner} is nearer in {count} of the {total} cells whose interval tells the two apart ({numbers})"
