"""A folder of checkpoints as a training's log: norms, sizes, and the cosine of each with the one before."""

from pathlib import Path
from types import MappingProxyType

import numpy as np

from wd_jax.audit.logs.checkpoints import naming
from wd_jax.audit.logs.checkpoints.other_files import open_h5, open_npz, open_torch
from wd_jax.audit.logs.checkpoints.safetensors_file import open_safetensors
from wd_jax.audit.logs.checkpoints.tensors import Checkpoint, compare
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.lines import unreadable
from wd_jax.audit.logs.log import TrainingLog, Unit

BUFFERS = ("running_mean", "running_var", "num_batches_tracked", "moving_mean", "moving_variance")
STATE = ("opt_state", "optimizer", "optimiser", "optim.", "momentum", "exp_avg")
"""Ends and beginnings of names of what is no weight."""


def read_checkpoints(
    folder: Path, found: list[naming.Saved], unit: Unit | None = None, steps_per_epoch: float | None = None
) -> TrainingLog:
    """Read checkpoints one after the other; two are open at a time, and of them one tensor each in memory.

    Parameters
    ----------
    folder : Path
        Where they are.
    found : list of Saved
        In any order.
    unit, steps_per_epoch
        As `wd_jax.audit.logs.reading.read` takes them.

    Returns
    -------
    TrainingLog

    Raises
    ------
    LogError
        If none has a number or none can be read; a single one that cannot is left out, and `notes` says so.
    """
    saved, counted, notes = naming.ordered(found, unit)
    if not saved:
        shown = ", ".join(repr(one.name) for one in found[:4])
        raise LogError(f"{folder}: no number stands in the names of its checkpoints ({shown}): name them by their step")
    time: list[int] = []
    rows: list[dict[str, tuple[float, float]]] = []
    sizes: dict[str, int] = {}
    before: Checkpoint | None = None
    failed: LogError | None = None
    reshaped: set[str] = set()
    for number, one in saved:
        try:
            now = _opened(one)
            row = {}
            for name, tensor in now.items():
                earlier = before.get(name) if before else None
                if earlier is not None and earlier.shape != tensor.shape:
                    reshaped.add(name)
                    earlier = None
                row[name] = compare(tensor, earlier)
        except LogError as error:
            if "is not installed" in str(error):
                raise
            notes.append(f"{one.name} cannot be read and is left out: {str(error).split(': ', 1)[-1]}.")
            failed = error
            continue
        except OSError as error:
            raise unreadable(one.files[0], error) from error
        sizes |= {name: tensor.size for name, tensor in now.items()}
        time.append(number)
        rows.append(row)
        before = now
    if not rows:
        raise failed or LogError(f"{folder}: no checkpoint in it can be read")
    if not sizes:
        raise LogError(f"{folder}: its checkpoints hold no tensor of floats: save the model's weights")
    if reshaped:
        notes.append(f"{len(reshaped)} tensors change their shape, and have no cosine there.")
    if len(rows) == 1:
        notes.append("It is one checkpoint: nothing can be said of its course.")
    return _log(folder, saved[0][1], np.array(time, float), counted, rows, sizes, notes, steps_per_epoch)


def _opened(one: naming.Saved) -> Checkpoint:
    """Open a checkpoint's files and join what they hold, without buffers and the optimiser's memory."""
    tensors: dict = {}
    for path in one.files:
        tensors |= _reader(path)(path)
    return {
        name: tensor
        for name, tensor in tensors.items()
        if not name.endswith(BUFFERS) and not name.lower().startswith(STATE) and tensor.size
    }


def _reader(path: Path):  # noqa: ANN202 (a function from Path to Checkpoint)
    """Choose by the first bytes who reads a file."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"\x89HDF"):
        return open_h5
    if start.startswith(b"PK") and path.suffix.lower() == ".npz":
        return open_npz
    if path.suffix.lower() == ".npz":
        raise LogError(f"{path}: it is no .npz file: write it again with numpy.savez")
    if path.suffix.lower() == ".safetensors" or start[8:9] == b"{":
        return open_safetensors
    if path.suffix.lower() == ".h5":
        raise LogError(f"{path}: it is no HDF5 file: save it again")
    return open_torch


def _log(
    folder: Path,
    first: naming.Saved,
    time: np.ndarray,
    counted: str,
    rows: list[dict[str, tuple[float, float]]],
    sizes: dict[str, int],
    notes: list[str],
    steps_per_epoch: float | None,
) -> TrainingLog:
    """Make the log of the norms and cosines that were found."""
    missing = (np.nan, np.nan)
    table = {name: np.array([row.get(name, missing) for row in rows]) for name in sizes}
    endless = sum(int((~np.isfinite([pair[0] for pair in row.values()])).sum()) for row in rows)
    if endless:
        notes.append(f"{endless} norms are not finite, and count as missing.")
    norms = {name: np.where(np.isfinite(pairs[:, 0]), pairs[:, 0], np.nan) for name, pairs in table.items()}
    return TrainingLog(
        source=str(folder),
        kind=f"checkpoints such as {first.name}",
        time=time,
        unit="step" if counted == "step" else "epoch",
        norms=MappingProxyType(norms),
        sizes=MappingProxyType(sizes),
        cosines=MappingProxyType({name: pairs[:, 1] for name, pairs in table.items()}),
        steps_per_epoch=steps_per_epoch,
        notes=tuple(notes),
        cosine_gaps=np.r_[np.nan, np.diff(time)],
    )
