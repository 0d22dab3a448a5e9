"""The published tasks of one sweep: a folder of immutable files, each under the hash of its task's text.

A task is done if its file is there and verifies. A file is written aside, waits for the disk, and is given its name by
one call that fails if the name is taken: no reader meets half a file, and of two writers the first wins. Nothing is
locked; two processes that do the same task only waste work.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wd_jax.sweeps.run_errors import DeterminismAlarm
from wd_jax.sweeps.store import aside, chunk_file, failures
from wd_jax.sweeps.store.aside import listed
from wd_jax.sweeps.store.checkpoints import Checkpoints
from wd_jax.sweeps.store.chunk_file import CorruptChunk, Header
from wd_jax.sweeps.store.failures import KEY, Failure

PARTS = ("chunks", "failed", "quarantine", "checkpoints", "tmp", "drivers")
"""Folders of a store."""


@dataclass(frozen=True)
class Receipt:
    """That a task is in the store.

    Attributes
    ----------
    key : str
        Of the task.
    sha256 : str
        Hash of the hashes of all its arrays: equal numbers, equal text.
    seconds : float
        What computing it took, as its provenance says.
    host : str
        Where it was computed.
    new : bool
        Whether this call published it; if not, it was there.
    """

    key: str
    sha256: str
    seconds: float
    host: str
    new: bool


def key_of(spec: str) -> str:
    """Name a task by its text.

    Examples
    --------
    >>> key_of("{}")
    '44136fa355b3678a1146ad16f7e8649e'
    """
    return hashlib.sha256(spec.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class ChunkStore:
    """The store in one folder.

    Parameters
    ----------
    folder : Path
        Made by whoever makes the sweep: a store whose folder is gone is an error, not an empty store.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = ChunkStore(Path(folder)).prepared()
    ...     receipt = store.publish('{"lmbda": 5.0}', {"x": np.arange(2.0)}, {"seconds": 0.5})
    ...     store.has(receipt.key), store.load(receipt.key), receipt.new
    (True, {'x': array([0., 1.])}, True)
    """

    folder: Path

    def prepared(self) -> "ChunkStore":
        """Make the folders inside and check, before anything is computed, that files can be created in them.

        Raises
        ------
        OSError, ForeignFileError
            Naming the folder and the remedy.
        """
        for part in PARTS:
            self._room(part)
        aside.check_writable(self.folder / "tmp")
        aside.check_writable(self.folder / "chunks")
        return self

    def path(self, key: str) -> Path:
        """Name the file of a task.

        Raises
        ------
        ValueError
            For what is no key: nothing else becomes part of a path.
        """
        self._check_key(key)
        return self.folder / "chunks" / key[:2] / f"{key}.npz"

    def has(self, key: str) -> bool:
        """Look quickly whether a task's file is there and not empty; `load` checks it."""
        return aside.plain_and_not_empty(self.path(key))

    def keys(self) -> frozenset[str]:
        """List the tasks whose files are there and not empty.

        Raises
        ------
        FileNotFoundError
            If the store's folder is gone.
        """
        self._there()
        found = set()
        for inner in listed(self.folder / "chunks"):
            if len(inner.name) != 2 or not inner.is_dir(follow_symlinks=False):
                continue
            for entry in listed(Path(inner.path)):
                key = entry.name.removesuffix(".npz")
                fits = entry.name.endswith(".npz") and KEY.fullmatch(key) and key.startswith(inner.name)
                if fits and entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size:
                    found.add(key)
        return frozenset(found)

    def publish(self, spec: str, arrays: Mapping[str, np.ndarray], provenance: Mapping[str, Any]) -> Receipt:
        """Give a task's arrays their place, whole or not at all; the first of several writers wins.

        Its checkpoints are removed then.

        Parameters
        ----------
        spec : str
            The task's text, whose hash is its key.
        arrays : mapping of str to array
            What it gave.
        provenance : mapping
            What may differ between two runs of one task: "seconds", versions, device. The host is added.

        Raises
        ------
        DeterminismAlarm
            If other numbers are there already: they are kept.
        OSError
            If the disk is full or the folder gone; nothing is left.
        """
        key = key_of(spec)
        final, host = self.path(key), aside.host()
        meta = {"spec": spec, "provenance": {"host": host, "pid": os.getpid(), "when": time.time()} | dict(provenance)}
        self._there()
        with aside.temporary(self._room("tmp"), key) as written:
            mine = chunk_file.write(written, arrays, meta)
            self._room("chunks", key[:2])
            new = aside.linked(written, final)
            if not new:
                theirs = self._theirs(key, written)
                new = theirs is None
                if theirs is not None and theirs.shas != mine.shas:
                    raise DeterminismAlarm(_differs(final, theirs, mine))
        aside.flush_folder(final.parent)
        Checkpoints(self.folder, key).clear()
        return Receipt(key, _together(mine), float(meta["provenance"].get("seconds", 0.0)), host, new)

    def receipt(self, key: str) -> Receipt | None:
        """Tell what is published of a task, its meta checked; None if it is not there or was set aside as damaged."""
        try:
            found = self._header(key)
        except (FileNotFoundError, CorruptChunk):
            return None
        held = found.meta["provenance"]
        return Receipt(key, _together(found), float(held.get("seconds", 0.0)), str(held.get("host", "")), False)

    def load(self, key: str, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
        """Read a task's arrays, each checked.

        Parameters
        ----------
        key : str
            Of the task.
        names : iterable of str, optional
            Which arrays; by default all.

        Raises
        ------
        CorruptChunk
            For a damaged file, which is moved to quarantine: its task counts as not done.
        FileNotFoundError
            If the task is not published.
        """
        asked = None if names is None else list(names)

        def read() -> dict[str, np.ndarray]:
            meta, arrays = chunk_file.read(self.path(key), asked)
            self._check_spec(key, meta)
            return arrays

        return self._or_quarantined(key, read)

    def meta(self, key: str) -> dict[str, Any]:
        """Give a task's "spec" and "provenance", checked, without its arrays.

        Raises
        ------
        CorruptChunk, FileNotFoundError
            As `load`.
        """
        return self._header(key).meta

    def note_failure(self, key: str, attempt: int, error: BaseException | str, traceback_text: str) -> None:
        """Write down that an attempt failed: one line, and the end of the traceback."""
        self._check_key(key)
        self._there()
        failures.note(self._room("failed"), self._room("tmp"), key, attempt, error, traceback_text)

    def failures(self) -> dict[str, tuple[Failure, ...]]:
        """List the attempts that failed, by key and in order; a note that cannot be read still counts."""
        return failures.listed(listed(self.folder / "failed"))

    def clear_failures(self, key: str) -> None:
        """Forget the failed attempts at a task."""
        self._check_key(key)
        for entry in listed(self.folder / "failed"):
            if entry.name.startswith(f"{key}."):
                Path(entry.path).unlink(missing_ok=True)

    def sweep_temporary(self) -> tuple[str, ...]:
        """Remove the temporary files that killed processes left: of this host and a dead process, or a day old.

        Checkpoints of tasks that are published go too.

        Returns
        -------
        tuple of str
            Names of what was removed.
        """
        for entry in listed(self.folder / "checkpoints"):
            if KEY.fullmatch(entry.name) and self.has(entry.name):
                Checkpoints(self.folder, entry.name).clear()
        return aside.sweep(self.folder / "tmp")

    def quarantine(self, key: str) -> Path | None:
        """Move a task's file away, so that the task counts as not done; None if it is not there."""
        target = self._room("quarantine") / f"{key}.{os.getpid()}.{time.time_ns()}.npz"
        try:
            self.path(key).rename(target)
        except FileNotFoundError:
            return None
        return target

    def quarantined(self, key: str) -> bool:
        """Whether a damaged file of a task was moved away."""
        return any(entry.name.startswith(f"{key}.") for entry in listed(self.folder / "quarantine"))

    def _check_key(self, key: str) -> None:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r}: no key of a task; a key is 32 hexadecimal digits")

    def _header(self, key: str) -> Header:
        def read() -> Header:
            found = chunk_file.header(self.path(key))
            self._check_spec(key, found.meta)
            return found

        return self._or_quarantined(key, read)

    def _check_spec(self, key: str, meta: Mapping[str, Any]) -> None:
        spec, provenance = meta.get("spec"), meta.get("provenance")
        if not isinstance(spec, str) or not isinstance(provenance, dict) or key_of(spec) != key:
            named = key_of(spec) if isinstance(spec, str) else "none"
            raise CorruptChunk(f"{self.path(key)}: damaged, it holds another task ({named}) than its name says")

    def _or_quarantined(self, key: str, read: Any) -> Any:
        """Read; what fails twice is moved away. Another process may have mended it in between."""
        aside.refuse_links(self.folder, "chunks", key[:2])
        try:
            return read()
        except CorruptChunk:
            try:
                return read()
            except CorruptChunk as error:
                try:
                    moved = self.quarantine(key)
                except OSError as refused:
                    reason = refused.strerror or str(refused)
                    raise CorruptChunk(f"{error}; it could not be moved ({reason}): remove it") from error
                where = f"; moved to {moved}" if moved else ""
                raise CorruptChunk(f"{error}{where}; run the same command again to train its members anew") from error

    def _theirs(self, key: str, written: Path) -> Header | None:
        """Read what another writer published; None if it was damaged, and what this one wrote has its name now."""
        for _ in range(3):
            try:
                return self._header(key)
            except (CorruptChunk, FileNotFoundError):
                if aside.linked(written, self.path(key)):
                    return None
        return self._header(key)

    def _there(self) -> None:
        aside.refuse_absent(self.folder)

    def _room(self, *parts: str) -> Path:
        return aside.room(self.folder, *parts)


def _together(found: Header) -> str:
    return hashlib.sha256(json.dumps(found.shas, sort_keys=True).encode()).hexdigest()


def _differs(final: Path, first: Header, second: Header) -> str:
    """Say which array differs first, and both hashes."""
    names = sorted(set(first.arrays) | set(second.arrays))
    name = next(name for name in names if first.shas.get(name) != second.shas.get(name))
    one, other = first.shas.get(name, "absent"), second.shas.get(name, "absent")
    return (
        f"{final}: the same task gave other numbers this time ({name}: SHA-256 {one[:16]} first, {other[:16]} now);"
        " the first are kept: compare the two machines, their versions and devices"
    )
