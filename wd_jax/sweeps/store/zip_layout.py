"""The bytes round the members of an uncompressed zip file, whose places are known before anything is written.

Python's zipfile goes back to fill in sizes, and reads a directory before any member. A file made from these parts is
written once, from front to back, and a member is found by its place alone; NumPy and zipfile read it like any other.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
VERSION, UTF_8, STORED, DATE = (
    20,
    0x800,
    0,
    33,
)  # the first day that zip can name, so that equal arrays give equal bytes
LARGEST = 2**32 - 2**24
"""Bytes of a whole file: beyond 4 GiB zip needs other headers."""
MOST = 2**16 - 1
"""Members of a file, for the same reason."""


@dataclass(frozen=True)
class Member:
    """One member: its name, its bytes and where its header stands.

    Attributes
    ----------
    name : str
        Of the file in the archive.
    size, crc : int
        Length of its data in bytes, and their CRC-32.
    at : int
        Place of its header in the file.
    """

    name: str
    size: int
    crc: int
    at: int = 0

    @property
    def header(self) -> bytes:
        """What stands before its data."""
        name = self.name.encode()
        sizes = (self.crc, self.size, self.size)
        return LOCAL.pack(b"PK\3\4", VERSION, UTF_8, STORED, 0, DATE, *sizes, len(name), 0) + name

    @property
    def end(self) -> int:
        """Place after its data."""
        return self.at + header_size(self.name) + self.size

    @property
    def entry(self) -> bytes:
        """What the directory says of it."""
        name = self.name.encode()
        sizes = (self.crc, self.size, self.size)
        head = (b"PK\1\2", VERSION, VERSION, UTF_8, STORED, 0, DATE, *sizes, len(name), 0, 0, 0, 0, 0, self.at)
        return CENTRAL.pack(*head) + name


def header_size(name: str) -> int:
    """Length of a member's header in bytes.

    Examples
    --------
    >>> header_size("meta") == len(Member("meta", 5, 0).header)
    True
    """
    return LOCAL.size + len(name.encode())


def directory_size(names: Sequence[str], comment: int) -> int:
    """Length of what follows the last member: the directory and its end with a comment of so many bytes."""
    return sum(CENTRAL.size + len(name.encode()) for name in names) + END.size + comment


def directory(members: Sequence[Member], at: int, comment: int) -> bytes:
    """Give what follows the last member, up to the comment that the caller writes.

    Parameters
    ----------
    members : sequence of Member
        In the order of the file.
    at : int
        Place of the directory in the file.
    comment : int
        Length in bytes of the comment at the end.
    """
    entries = b"".join(member.entry for member in members)
    count = len(members)
    return entries + END.pack(b"PK\5\6", 0, 0, count, count, len(entries), at, comment)


def first_member(head: bytes) -> tuple[str, int, int] | None:
    """Read the header at the start of a file: the name, where the data begin and their length; None if it is none.

    Examples
    --------
    >>> first_member(Member("meta", 5, 0).header)
    ('meta', 34, 5)
    """
    if len(head) < LOCAL.size:
        return None
    magic, _, _, method, _, _, _, packed, size, name, extra = LOCAL.unpack(head[: LOCAL.size])
    if magic != b"PK\3\4" or method != STORED or packed != size:
        return None
    return head[LOCAL.size : LOCAL.size + name].decode(errors="replace"), LOCAL.size + name + extra, size
