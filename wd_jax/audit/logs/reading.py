"""One call that reads a training's log, whichever program wrote it."""

import os
from collections.abc import Mapping
from pathlib import Path

from wd_jax.audit.logs import kinds
from wd_jax.audit.logs.clock import counted_from
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.log import TrainingLog, Unit


def read(
    path: str | os.PathLike[str],
    columns: Mapping[str, str] | None = None,
    unit: Unit | None = None,
    steps_per_epoch: float | None = None,
    first: int | None = None,
) -> TrainingLog:
    r"""Read a training's log, or a folder of its checkpoints.

    Parameters
    ----------
    path : str or path
        A table (CSV of this package's hooks, of Keras, Lightning or W&B), JSON lines, Hugging Face's
        trainer_state.json, TensorBoard's event files or a folder of them, or a folder of checkpoints. Its content says
        which it is.
    columns : mapping of str to str, optional
        Name here to name in the log, where it is none that is known: ``{"step": "t", "weight_norm/*": "norms/*"}``.
    unit : {"step", "epoch"}, optional
        Which to count, where the log has both; steps unless said.
    steps_per_epoch : float, optional
        Where the log cannot tell.
    first : {0, 1}, optional
        Number that the log gives to the first epoch (or step) trained; its times then count those that were trained.
        Keras gives it 0, and writes that record at its end. Times are left as they are unless this is said.

    Returns
    -------
    TrainingLog
        Its `notes` say what was repaired or left out.

    Raises
    ------
    LogError
        In one line, for what is missing, foreign, empty or cannot be put in order.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (file := Path(folder) / "log.csv").write_text("step,lr,weight_norm/fc\n0,0.1,2\n1,0.1,1.5\n")
    ...     log = read(file)
    >>> log.layers, log.time.tolist(), log.norms["fc"].tolist()
    (('fc',), [0.0, 1.0], [2.0, 1.5])
    """
    if not isinstance(path, str | os.PathLike):
        raise LogError(f"a {type(path).__name__} where a log is expected: give the file's or folder's name as text")
    if steps_per_epoch is not None and not 0 < steps_per_epoch < float("inf"):
        raise LogError(f"steps_per_epoch={steps_per_epoch}: give a positive number")
    place = Path(path)
    try:
        place = place.expanduser()
    except RuntimeError:  # of nobody's home
        pass
    log = kinds.read_any(place, columns, unit, steps_per_epoch)
    return log if first is None else counted_from(log, first)
