"""Seals on JAX's compiled programs: only an entry that is whole, and as it was written, is used again.

JAX writes an entry straight to its final name, never repairs one, and its compression need not notice a flipped bit.
So each entry gets a seal, its SHA-256 in a file beside it, once it is whole; whoever comes next removes every entry
without a seal or with another content, and JAX compiles that program again: the same bits, some seconds later.
"""

import contextlib
import hashlib
import importlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENTRY, SEAL = "-cache", "-cache.sha256"
"""Ends of the names that JAX gives an entry, and we its seal."""
_OF_ZSTANDARD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Checked:
    """What a look at all entries found.

    Parameters
    ----------
    kept : int
        Entries that are whole.
    damaged : int
        Removed: not what was sealed.
    unfinished : int
        Removed: never sealed, as a killed run leaves them.
    bytes : int
        Of those that are kept.
    """

    kept: int
    damaged: int
    unfinished: int
    bytes: int


def check(place: Path) -> Checked:
    """Remove every entry that is not whole, and say what there was.

    Parameters
    ----------
    place : Path
        A folder of entries.

    Raises
    ------
    OSError
        If one cannot be read or removed: the folder must not be used then.
    """
    kept, damaged, unfinished, size = 0, 0, 0, 0
    for entry in sorted(place.glob(f"*{ENTRY}")):
        seal_of = entry.with_name(f"{entry.name}.sha256")
        try:
            content = b"" if entry.is_symlink() else entry.read_bytes()
            sealed = seal_of.read_text(encoding="ascii", errors="replace") if seal_of.exists() else None
        except FileNotFoundError:  # another process has removed it
            continue
        if sealed == hashlib.sha256(content).hexdigest():
            kept, size = kept + 1, size + len(content)
            continue
        damaged, unfinished = damaged + (sealed is not None), unfinished + (sealed is None)
        seal_of.unlink(missing_ok=True)  # first: an entry without one is never used
        entry.unlink(missing_ok=True)
    for lost in (path for path in place.glob(f"*{SEAL}") if not path.with_suffix("").exists()):
        lost.unlink(missing_ok=True)
    return Checked(kept, damaged, unfinished, size)


def seal(place: Path) -> int:
    """Seal the entries that are whole and have no seal yet; give how many there were.

    Parameters
    ----------
    place : Path
        A folder of entries. One that another thread is writing is not whole, and is left for the next time.
    """
    there = {found.name for found in os.scandir(place)} if place.is_dir() else set()
    sealed = 0
    for name in (name for name in there if name.endswith(ENTRY) and f"{name}.sha256" not in there):
        with contextlib.suppress(OSError):  # on a full disk it stays without one
            content = (place / name).read_bytes()
            if _whole(content):
                _publish(place / f"{name}.sha256", hashlib.sha256(content).hexdigest())
                sealed += 1
    return sealed


def _publish(path: Path, text: str) -> None:
    """Write a short file whole or not at all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="ascii")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _whole(content: bytes) -> bool:
    """Whether an entry ends where its compression says; one of a kind that cannot be read here is never sealed."""
    reader = _zstandard() if content.startswith(_OF_ZSTANDARD) else zlib.decompressobj()
    if reader is None:
        return False
    try:
        reader.decompress(content)
    except Exception:  # each library has an error of its own
        return False
    return bool(reader.eof) and not reader.unused_data


def _zstandard() -> Any:
    """Give what JAX would decompress with, Python's own module or the package; None without either."""
    for name, make in (("compression.zstd", "ZstdDecompressor"), ("zstandard", "ZstdDecompressor")):
        try:
            made = getattr(importlib.import_module(name), make)()
        except ImportError:
            continue
        return made if name == "compression.zstd" else made.decompressobj()
    return None
