"""One bit or one page of a stored result changed: it is refused, or what is read is the very same result."""

import random
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.files import ForeignFileError
from wd_jax.results import checksum, netcdf

pytestmark = pytest.mark.numeric


@pytest.fixture(scope="module")
def stored(pair, tmp_path_factory) -> Path:
    return netcdf.write(pair, tmp_path_factory.mktemp("whole") / "x.nc")


def the_same(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Whether two results agree in every number, word, kind and role."""
    kinds = all(one[name].dtype == other[name].dtype for name in one.variables)
    return one.identical(other) and kinds and set(one.coords) == set(other.coords)


def outcome(path: Path, content: bytes, kept: xr.Dataset) -> str:
    path.write_bytes(content)
    try:
        with warnings.catch_warnings(action="ignore"):
            found = wd.open(path)
    except ForeignFileError as error:
        assert str(error).startswith(f"{path}: ") and "\n" not in str(error)
        return "refused"
    return "the same" if the_same(found, kept) else "ANOTHER RESULT"


@pytest.mark.parametrize("part", ["anywhere", "header"])
def test_a_flipped_bit_is_refused_or_changes_nothing(part: str, stored: Path, tmp_path: Path) -> None:
    whole, kept, draw = stored.read_bytes(), wd.open(stored), random.Random(3)
    end = len(whole) if part == "anywhere" else 12_000
    found = []
    for _ in range(40):
        flipped = bytearray(whole)
        flipped[draw.randrange(end)] ^= 1 << draw.randrange(8)
        found.append(outcome(tmp_path / "x.nc", bytes(flipped), kept))
    assert set(found) == {"refused", "the same"}
    assert found.count("refused") > 15


def test_every_bit_of_the_words_is_guarded(stored: Path, tmp_path: Path) -> None:
    """Attributes say what a number means: their bits count as those of numbers do."""
    whole, kept = stored.read_bytes(), wd.open(stored)
    for words in (b"checksum", b"norm"):
        at = whole.index(words)
        for bit in range(8 * len(words)):
            flipped = bytearray(whole)
            flipped[at + bit // 8] ^= 1 << bit % 8
            assert outcome(tmp_path / "x.nc", bytes(flipped), kept) == "refused", (words, bit)


@pytest.mark.parametrize("size", [1024, 4096])
def test_a_torn_page_is_refused(size: int, stored: Path, tmp_path: Path) -> None:
    """Each page zeroed, and each replaced by another page of the same file."""
    whole, kept = stored.read_bytes(), wd.open(stored)
    for at in range(0, len(whole), size):
        for page in (bytes(size), whole[3 * size : 4 * size]):
            torn = whole[:at] + page[: len(whole) - at] + whole[at + size :]
            if torn != whole:
                assert outcome(tmp_path / "x.nc", torn, kept) == "refused", at


def test_a_file_of_version_0_2_is_read_and_still_guarded(pair, tmp_path: Path) -> None:
    """Its mark was of names and numbers; it is counted here as it was there, from the file's own values."""
    old = pair.assign_attrs({checksum.OLD_MARK: checksum._of_names_and_values(pair)})
    old.to_netcdf(tmp_path / "old.nc", engine="scipy")
    xr.testing.assert_identical(wd.open(tmp_path / "old.nc"), pair)
    old.assign(weight_rms=pair.weight_rms + 1).to_netcdf(tmp_path / "other.nc", engine="scipy")
    with pytest.raises(ForeignFileError, match=r"altered .* remove its attribute content_sha256"):
        wd.open(tmp_path / "other.nc")


def test_an_attribute_changed_by_another_program_is_noticed(stored: Path, tmp_path: Path) -> None:
    with xr.open_dataset(stored, engine="scipy") as opened:
        foreign = opened.load()
    foreign.weight_rms.attrs["units"] = "kg"
    foreign.to_netcdf(tmp_path / "x.nc", engine="scipy")
    with pytest.raises(ForeignFileError, match="altered after it was written"):
        wd.open(tmp_path / "x.nc")


def test_a_nan_has_many_forms_and_one_meaning(pair, tmp_path: Path) -> None:
    odd = pair.copy(deep=True)
    odd.weight_rms.values[..., -1] = np.frombuffer(np.uint32(0xFFC00001).tobytes(), np.float32)[0]
    netcdf.write(odd, tmp_path / "x.nc")
    assert bool(wd.open(tmp_path / "x.nc").weight_rms.isel(epoch=-1).isnull().all())
