"""A sweep in one screen: axes, settings, and the final values per cell."""

import itertools
import json
from typing import TYPE_CHECKING, Any

from wd_jax.cli.command import Output

if TYPE_CHECKING:
    import xarray as xr

NOT_AXES = ("seed", "layer", "split", "epoch")
MAX_ROWS = 24
MAX_FACT = 96


def summarise(runs: "xr.Dataset") -> Output:
    """Describe a result.

    Parameters
    ----------
    runs : xarray.Dataset
        What `wd_jax.sweep` returns and `wd_jax.open` reads.

    Returns
    -------
    Output
        Final weight rms per layer and final test accuracy, means over the seeds of the members that did not diverge;
        a warning says how many did.
    """
    axes = [dim for dim in runs.weight_rms.dims if dim not in NOT_AXES]
    cells = [
        dict(zip(axes, values, strict=True)) for values in itertools.product(*(runs[a].values.tolist() for a in axes))
    ]
    diverged = int((runs.diverged_at >= 0).sum())
    members = int(runs.diverged_at.size)
    rows = [{**cell, **_final(runs.sel(cell))} for cell in cells]
    record = {
        "axes": {axis: runs[axis].values for axis in axes},
        "seeds": int(runs.sizes.get("seed", 1)),
        "epochs": float(runs.epoch[-1]),
        "members": members,
        "diverged": diverged,
        "attributes": {key: _decoded(value) for key, value in runs.attrs.items()},
        "final": rows,
    }
    facts = {
        "members": f"{members}, of {record['seeds']} seed(s); {diverged} diverged",
        "epochs": f"{record['epochs']:g}",
        **{key: str(value) for key, value in runs.attrs.items() if len(str(value)) <= MAX_FACT},
    }
    indent = max(map(len, facts))
    lines = [*(f"{key:<{indent}}  {value}" for key, value in facts.items()), "", *_table(rows[:MAX_ROWS])]
    if len(rows) > MAX_ROWS:
        lines.append(f"... and {len(rows) - MAX_ROWS} more")
    left_out = f"{diverged} of {members} members diverged and are left out of the means: lower eta"
    return Output("\n".join(lines), record, (left_out,) if diverged else ())


def _final(cell: "xr.Dataset") -> dict[str, Any]:
    """Give the means over seeds of one cell's last values; a member that diverged is NaN there and is skipped."""
    last = cell.isel(epoch=-1)
    over = [dim for dim in ("seed",) if dim in last.dims]
    columns = {f"weight_rms_{int(layer)}": float(last.weight_rms.sel(layer=layer).mean(over)) for layer in cell.layer}
    if "accuracy" in cell and "test" in cell.split.values.tolist():
        evaluated = cell.accuracy.sel(split="test").dropna("epoch", how="all")
        columns["test_accuracy"] = (
            float(evaluated.isel(epoch=-1).mean(over)) if evaluated.sizes["epoch"] else float("nan")
        )
    return columns


def _decoded(value: Any) -> Any:
    """Give an attribute that holds a JSON object as that object."""
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def _table(rows: list[dict[str, Any]]) -> list[str]:
    """Lay rows out under their names, right-aligned."""
    names = list(rows[0])
    cells = [names, *([f"{v:.4g}" if isinstance(v, float) else str(v) for v in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return ["  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in cells]
