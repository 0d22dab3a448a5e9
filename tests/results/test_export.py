"""Results in the formats of other programs: read back by these programs, number for number; whole or not at all."""

import csv
import itertools
import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.cli import dispatch
from wd_jax.results import export
from wd_jax.results.exports import csv_file, pieces, table

pytestmark = pytest.mark.numeric


@pytest.fixture(scope="module")
def odd(pair):
    """A result with a gap, a negative zero, an infinity and a text that a spreadsheet would compute."""
    runs = pair.copy(deep=True).assign_coords(note=("lmbda", ["=1+1", 'as "planned", again']), sure=True)
    runs.weight_rms.values[0, 0, 0, :3] = [np.nan, -0.0, np.inf]
    return runs


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch) -> None:
    """Let every array be cut."""
    for name in ("cut", "lengths"):
        monkeypatch.setattr(getattr(pieces, name), "__defaults__", (300,))
    monkeypatch.setattr(table.Table.blocks, "__defaults__", (3000,))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def value(runs: xr.Dataset, column: str, place: dict[str, float]) -> object:
    """Give what a cell should hold, by the labels of its row."""
    for dim in ("layer", "split"):
        for label in runs[dim].values.tolist() if dim in runs.dims else ():
            name = column.removesuffix(f"_{dim}_{label}" if dim == "layer" else f"_{label}")
            if name != column and name in runs.variables and dim in runs[name].dims:
                return value(runs.sel({dim: label}), name, place)
    own = {dim: at for dim, at in place.items() if dim in runs[column].dims}
    return runs[column].sel(own).item()


def same(found: object, wanted: object) -> bool:
    if isinstance(wanted, float):
        one = float(found) if found != "" else math.nan
        return np.array(one).tobytes() == np.array(wanted).tobytes() or (math.isnan(one) and math.isnan(wanted))
    return str(found) == (f"'{wanted}" if str(wanted).startswith("=") else str(wanted))


def check_rows(runs: xr.Dataset, rows: list[dict[str, object]]) -> None:
    labels = [runs[dim].values.tolist() for dim in ("lmbda", "seed", "epoch")]
    assert len(rows) == math.prod(map(len, labels))
    for row, (lmbda, seed, epoch) in zip(rows, itertools.product(*labels), strict=True):
        place = {"lmbda": lmbda, "seed": seed, "epoch": epoch}
        for column, found in row.items():
            assert same(found, value(runs, column, place)), (column, place, found)


EXPECTED = {
    "lmbda",
    "seed",
    "epoch",
    "weight_rms_layer_1",
    "weight_rms_layer_2",
    "cost_train",
    "accuracy_test",
    "penalty",
}


def test_csv_has_every_number_with_all_its_digits(odd, tmp_path: Path) -> None:
    path = wd.export(odd, tmp_path / "new" / "x.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) > EXPECTED and not set(rows[0]) & {"config", "environment", "layer", "split"}
    check_rows(odd, rows)
    assert names(path.parent) == ["x.csv"]


def test_csv_is_read_by_pandas(pair, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(wd.export(pair, tmp_path / "x.csv"))
    again = frame.set_index(["lmbda", "seed", "epoch"]).weight_rms_layer_2.to_xarray()
    np.testing.assert_allclose(again.values, pair.weight_rms.sel(layer=2).values, rtol=1e-15)


def test_parquet(odd, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra export")
    path = wd.export(odd, tmp_path / "x.parquet")
    found = parquet.read_table(path, page_checksum_verification=True)
    assert set(found.column_names) > EXPECTED and parquet.ParquetFile(path).num_row_groups > 1
    rows = found.to_pylist()
    for row in rows:
        row["note"] = f"'{row['note']}" if row["note"].startswith("=") else row["note"]  # only CSV guards it
    check_rows(odd, rows)
    said = json.loads(found.schema.metadata[b"wd_jax"])
    assert said["columns"]["weight_rms_layer_1"] == odd.weight_rms.attrs and said["texts"]["config"] == [
        odd.config.values[0]
    ]


def test_a_flipped_bit_in_parquet_changes_no_number_without_a_word(pair, tmp_path: Path) -> None:
    """Its pages have checksums; the footer, with the names of the columns, has none."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra export")
    path, draw = wd.export(pair, tmp_path / "x.parquet"), random.Random(0)
    whole, kept = path.read_bytes(), parquet.read_table(path).to_pandas()
    noticed = 0
    for _ in range(100):
        content = bytearray(whole)
        content[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(content)
        try:
            found = parquet.read_table(path, page_checksum_verification=True).to_pandas()
        except (OSError, ValueError, NotImplementedError):  # of Arrow; what cannot be decoded is a ValueError too
            noticed += 1
            continue
        assert all(found[name].equals(kept[name]) for name in kept.columns if name in found.columns)
    assert noticed > 20


def test_zarr_is_the_same_result(odd, tmp_path: Path) -> None:
    pytest.importorskip("zarr", reason="the extra export")
    path = wd.export(odd, tmp_path / "x.zarr")
    with xr.open_zarr(path, chunks=None, consolidated=False) as opened:
        found = opened.load()
    xr.testing.assert_identical(found, odd)
    assert {str(n): found[n].dtype.kind for n in found.variables if found[n].dtype.kind in "iubf"} == {
        str(n): odd[n].dtype.kind for n in odd.variables if odd[n].dtype.kind in "iubf"
    }
    assert len(list((path / "weight_rms" / "c").rglob("*"))) >= 8 and names(tmp_path) == ["x.zarr"]
    with pytest.raises(FileExistsError, match="a folder is never replaced"):
        wd.export(odd, path, overwrite=True)


def test_a_flipped_bit_in_a_chunk_of_zarr_is_noticed(pair, tmp_path: Path) -> None:
    pytest.importorskip("zarr", reason="the extra export")
    path = wd.export(pair, tmp_path / "x.zarr")
    chunk = max((one for one in (path / "cost").rglob("*") if one.name != "zarr.json"), key=lambda one: one.is_file())
    content = bytearray(chunk.read_bytes())
    for bit in range(0, 8 * len(content), 37):
        content[bit // 8] ^= 1 << bit % 8
        chunk.write_bytes(content)
        with (
            pytest.raises(ValueError, match=r"[Cc]hecksum"),
            xr.open_zarr(path, chunks=None, consolidated=False) as one,
        ):
            one.cost.load()
        content[bit // 8] ^= 1 << bit % 8


def test_zarr_that_is_not_read_as_written_is_refused(pair, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("zarr", reason="the extra export")
    from wd_jax.results.exports import zarr_folder

    real = zarr_folder._write

    def losing(group, name, variable):
        digest = real(group, name, variable)
        if name == "cost":
            group[name][...] = 0.0
        return digest

    monkeypatch.setattr(zarr_folder, "_write", losing)
    with pytest.raises(OSError, match="cost is not read as it was written; check the disk"):
        wd.export(pair, tmp_path / "x.zarr")
    assert names(tmp_path) == []


def test_netcdf_is_a_result_again(pair, tmp_path: Path) -> None:
    noted = pair.assign_coords(note=("lmbda", ["=1+1", "as planned"]), sure=True)
    xr.testing.assert_identical(wd.open(wd.export(noted, tmp_path / "x.nc")), noted)


@pytest.mark.parametrize("suffix", ["nc", "csv", "parquet"])
def test_a_file_is_replaced_only_when_asked_and_whole(suffix: str, pair, tmp_path: Path, monkeypatch) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow", reason="the extra export")
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="exists already"):
        wd.export(pair, path)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match=r"(?i)no space left"):
            wd.export(pair, path, overwrite=True)
    assert path.read_bytes() == b"precious" and names(tmp_path) == [path.name]
    wd.export(pair, path, overwrite=True)
    assert path.stat().st_size > 1000


def test_a_failed_table_leaves_nothing(pair, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(csv_file, "_cells", lambda _: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(MemoryError):
        wd.export(pair, tmp_path / "x.csv")
    assert names(tmp_path) == []


def test_what_a_table_leaves_out_is_named(setup32, tiny, tmp_path: Path, capsys) -> None:
    options = {"probes": wd.Probes(keep_weights=True), "progress": False, "out": tmp_path / "x.nc"}
    wd.sweep(setup32, tiny, eta=0.3, epochs=1, **options)
    assert dispatch.main(["export", str(tmp_path / "x.nc"), "-o", str(tmp_path / "x.csv")]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"written to {tmp_path / 'x.csv'}; not in a table: ") and "weights_1" in said
    assert "weights_1" not in (tmp_path / "x.csv").read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["gone", "-o", "x.csv"], "gone.nc: no such file"),
        (["gone", "-o", "x.xlsx"], "--out x.xlsx: the suffix must be one of .nc, .csv, .parquet, .zarr"),
        (["gone", "-o", ".csv"], "--out .csv: the suffix must be one of"),
        (["gone"], "--out: missing"),
    ],
)
def test_the_shell_refuses_in_one_line(argv: list[str], words: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert dispatch.main(["export", *argv]) in (1, 2)
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and said.out == "" and names(tmp_path) == []


def test_a_library_that_is_missing_is_named(pair, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(export.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match=r"x\.zarr: needs zarr: pip install 'wd-jax\[export\]', or"):
        wd.export(pair, tmp_path / "x.zarr")


def test_a_run_in_a_folder_is_exported_as_it_is_read(setup32, tiny, tmp_path: Path) -> None:
    runs = wd.sweep(
        setup32, tiny, lmbda=[0.5, 2.0], eta=0.3, seeds=2, epochs=6, out=tmp_path / "run", progress=False
    )  # fmt: skip
    assert dispatch.main(["export", str(tmp_path / "run"), "-o", str(tmp_path / "x.nc")]) == 0
    xr.testing.assert_identical(wd.open(tmp_path / "x.nc"), wd.open(tmp_path / "run"))
    wd.export(wd.open(tmp_path / "run"), tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} == {"ok"}
    check_rows(runs, rows)


def test_pieces_are_everything_once_and_in_order() -> None:
    for sizes in ((), (1,), (7,), (3, 5), (4, 1, 6), (2, 3, 0), (2, 3, 4)):
        whole = np.arange(math.prod(sizes)).reshape(sizes)
        named = {f"d{i}": size for i, size in enumerate(sizes)}
        for most in (1, 8, 20, 48, 100, 10**6):
            parts = [whole[tuple(piece.values())] for piece in pieces.cut(named, 8, most)]
            assert [n for part in parts for n in part.ravel()] == list(range(whole.size))
            assert all(part.nbytes <= max(8, most) for part in parts)
