"""``wd.report.judge`` and ``wd.report.write``: any sweep held against the laws that apply to it, and its page."""

from pathlib import Path

import xarray as xr

from wd_jax.report.of_sweep.judgement import Judgement, judged


def judge(runs: xr.Dataset) -> Judgement:
    """Hold a sweep against every law that applies to it.

    A sweep over update rules, schedules, or other axes of words is judged part by part. What a law is allowed is the
    same for every sweep (`wd_jax.report.of_sweep.tolerances`), and no argument changes it.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`, `wd_jax.lab` or `wd_jax.open`, also of a run that was interrupted or still goes on.

    Returns
    -------
    Judgement
        ``answer``, ``laws``, ``verdicts``, ``not_asked`` with the reasons; ``record()`` is JSON-ready, and
        ``write("report.html")`` writes the page.

    Raises
    ------
    TypeError, ValueError
        In one line, for what is no result of a sweep.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4))
    >>> runs = wd.sweep(setup, wd.data.null(), lmbda=[1.0, 10.0], seeds=2, epochs=3, progress=False)
    >>> found = judge(runs)
    >>> [(law.title, law.word, law.text) for law in found.laws][0]
    ('Weights without gradient', 'holds', 'Holds in all 2 cells.')
    """
    return judged(runs)


def write(runs: xr.Dataset, out: str | Path) -> Path:
    """Write the page of a sweep: verdicts, figures and summary in one HTML file that asks the network for nothing.

    Parameters
    ----------
    runs : xarray.Dataset
        As for `judge`.
    out : path
        File to write; one that is there is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError, ValueError
        In one line, for what is no result of a sweep, and for a folder in place of a file.
    """
    return judged(runs).write(out)
