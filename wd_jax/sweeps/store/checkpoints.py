"""What a long task has reached, kept beside the store so that a killed one goes on where it was, bit for bit."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wd_jax.files import ForeignFileError
from wd_jax.sweeps.store import aside, chunk_file
from wd_jax.sweeps.store.failures import KEY

KEPT = 2
"""Checkpoints of a task that stay: the newest, and one before it in case the newest is damaged."""
_NAME = re.compile(r"([0-9]{1,9})\.npz")


@dataclass(frozen=True)
class Checkpoint:
    """The state at the end of an epoch.

    Attributes
    ----------
    epoch : int
        Epochs done.
    leaves : tuple of array
        Of the state, in tree order.
    records : dict of str to array
        What has been measured so far.
    """

    epoch: int
    leaves: tuple[np.ndarray, ...]
    records: dict[str, np.ndarray]


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one task.

    Parameters
    ----------
    folder : Path
        Of the store, which is there.
    key : str
        Of the task.
    where : str
        Kind of device and whatever else decides the bits: a checkpoint made elsewhere is not gone on with. Empty, any
        is taken.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = Checkpoints(Path(folder), "0" * 32)
    ...     kept.save(3, [np.zeros(2)], {"cost": np.ones(4)})
    ...     kept.newest()
    Checkpoint(epoch=3, leaves=(array([0., 0.]),), records={'cost': array([1., 1., 1., 1.])})
    """

    folder: Path
    key: str
    where: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no key: nothing else becomes part of a path."""
        if not KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r}: no key of a task; a key is 32 hexadecimal digits")

    def save(self, epoch: int, leaves: Sequence[np.ndarray], records: Mapping[str, np.ndarray]) -> None:
        """Keep a state, whole or not at all, and remove all but the newest two.

        Raises
        ------
        TypeError, ValueError
            For a leaf of a type that files cannot hold.
        OSError
            If it cannot be written; what was kept before stays.
        """
        arrays = {f"leaf {i}": leaf for i, leaf in enumerate(leaves)}
        arrays |= {f"record {name}": array for name, array in records.items()}
        tmp = aside.room(self.folder, "tmp")
        kept = aside.room(self.folder, "checkpoints", self.key)
        with aside.temporary(tmp, self.key) as written:
            meta = {"key": self.key, "epoch": epoch, "where": self.where, "leaves": len(leaves)}
            chunk_file.write(written, arrays, meta)
            written.replace(kept / f"{epoch}.npz")
        aside.flush_folder(kept)
        for old in self._epochs()[KEPT:]:
            self._path(old).unlink(missing_ok=True)

    def newest(self) -> Checkpoint | None:
        """Give the newest that verifies; None if there is none."""
        for epoch in self._epochs():
            with contextlib.suppress(ForeignFileError, FileNotFoundError, KeyError):
                meta, arrays = chunk_file.read(self._path(epoch))
                if (meta["key"], meta["epoch"]) != (self.key, epoch) or self.where not in ("", meta["where"]):
                    continue
                leaves = tuple(arrays[f"leaf {i}"] for i in range(meta["leaves"]))
                records = {name[7:]: array for name, array in arrays.items() if name.startswith("record ")}
                return Checkpoint(epoch, leaves, records)
        return None

    def clear(self) -> None:
        """Remove all of them: the task is published."""
        for epoch in self._epochs():
            self._path(epoch).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # another process may still be writing there
            (self.folder / "checkpoints" / self.key).rmdir()

    def _path(self, epoch: int) -> Path:
        return self.folder / "checkpoints" / self.key / f"{epoch}.npz"

    def _epochs(self) -> list[int]:
        """List the epochs that have a file, the newest first."""
        aside.refuse_links(self.folder, "checkpoints", self.key)
        found = (_NAME.fullmatch(entry.name) for entry in aside.listed(self.folder / "checkpoints" / self.key))
        return sorted((int(match[1]) for match in found if match), reverse=True)
