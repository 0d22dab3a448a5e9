"""Neural collapse: last layer and free features under decay, trained to the end, against the law of their values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xarray as xr

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY, exact, singular
from experiments.preset import Preset
from experiments.tolerance import Tolerance
from wd_jax.display import number
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    import jax
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

NAME = "neural_collapse"
TITLE = "Neural collapse: what two decays leave of a classifier"
DAY = "2026-11-29"
VALUES = Tolerance(f"{NAME}: VALUES", (NAME,), (1e-6,), "error of a value, over sqrt(n_c)", "six digits, as asked", DAY)
EDGE = Tolerance(
    f"{NAME}: EDGE",
    (NAME,),
    (1e-6,),
    "relative error of the product of decays at which nothing is left",
    "as asked",
    DAY,
)
TOLERANCES = (VALUES, EDGE)


@dataclass(frozen=True)
class Settings(Preset):
    """Classes, examples of each, dimension of the features; decays as shares of those at which all is lost."""

    seeds: int = 8
    classes: int = 4
    class_size: int = 10
    features: int = 6
    shares: tuple[float, ...] = (0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.3)
    ratios: tuple[float, ...] = (0.25, 1.0, 4.0)
    eta: float = 0.7
    steps: int = 8000

    SEEDS: ClassVar = {"seeds": ""}

    @property
    def n(self) -> int:
        """Size of the training set."""
        return self.classes * self.class_size


def measure(preset: Settings, data: object) -> xr.Dataset:
    """Train last layer and features by gradient descent from random starts.

    Returns
    -------
    xarray.Dataset
        `value` [share, ratio, seed, class]: singular values of the outputs, the smallest first; `weight_norm2`,
        `feature_norm2` [share, ratio, seed]; `spread` the same way: variance of features within classes over their
        mean square; `angle`: the largest cosine of the weights of two classes. Coordinates `decay_w`, `decay_h`.
    """
    import jax

    seeds = list(preset.seeds_of(preset.seeds))
    root = np.array(preset.shares) * np.sqrt(preset.class_size) / preset.n  # sqrt(L_W L_H)
    ratio = np.sqrt(np.array(preset.ratios))
    decay_w, decay_h = root[:, None] * ratio, root[:, None] / ratio
    with jax.enable_x64(True):
        starts = [_start(preset, seed) for seed in seeds]
        W, H = (np.stack(part) for part in zip(*starts, strict=True))
        run = jax.vmap(descend, (0, 0, None, None, None, None, None))  # seeds
        run = jax.vmap(jax.vmap(run, (None, None, None, 0, 0, None, None)), (None, None, None, 0, 0, None, None))
        W, H = map(np.asarray, run(W, H, targets(preset), decay_w, decay_h, preset.eta, preset.steps))
    grouped = H.reshape(*H.shape[:-1], preset.classes, preset.class_size)
    within = ((grouped - grouped.mean(-1, keepdims=True)) ** 2).sum((-3, -2, -1))
    overlap = W @ np.swapaxes(W, -1, -2)
    size = np.sqrt(np.einsum("...kk->...k", overlap))
    cosine = abs(overlap / (size[..., :, None] * size[..., None, :]) - np.eye(preset.classes)).max((-2, -1))
    cell = ("share", "ratio", "seed")
    return xr.Dataset(
        {
            "value": ((*cell, "class"), singular.values(W @ H)[..., ::-1]),
            "weight_norm2": (cell, (W**2).sum((-2, -1))),
            "feature_norm2": (cell, (H**2).sum((-2, -1))),
            "spread": (cell, within / (H**2).sum((-2, -1))),
            "angle": (cell, cosine),
        },
        {
            "share": list(preset.shares),
            "ratio": list(preset.ratios),
            "seed": seeds,
            "class": np.arange(preset.classes),
            "decay_w": (cell[:2], decay_w),
            "decay_h": (cell[:2], decay_h),
            "n": preset.n,
            "class_size": preset.class_size,
        },
    )


def targets(preset: Settings) -> np.ndarray:
    """Give one-hot targets, [classes, n], the examples of a class side by side.

    Examples
    --------
    >>> targets(Settings("none", classes=2, class_size=2)).astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    """
    return np.repeat(np.eye(preset.classes), preset.class_size, axis=1)


def _start(preset: Settings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw weights [classes, features] and features [features, n]."""
    generator = np.random.default_rng([seed, 6])
    shapes = (preset.classes, preset.features), (preset.features, preset.n)
    return 0.5 * generator.normal(size=shapes[0]), 0.5 * generator.normal(size=shapes[1])


def descend(
    W: "ArrayLike", H: "ArrayLike", Y: "ArrayLike", decay_w: float, decay_h: float, eta: float, steps: int
) -> "tuple[jax.Array, jax.Array]":
    """Make steps of gradient descent on |W H - Y|^2/(2n) + decay_w/2 |W|^2 + decay_h/2 |H|^2.

    Parameters
    ----------
    W, H, Y : arrays [classes, features], [features, n], [classes, n]
        Last layer, features, targets.
    decay_w, decay_h, eta : number
        Decays and learning rate; may be traced.
    steps : int
        How many.

    Returns
    -------
    W, H
    """
    import jax
    import jax.numpy as jnp

    target = jnp.asarray(Y)

    def step(_: jax.Array, now: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        W, H = now
        off = (W @ H - target) / target.shape[1]
        return W - eta * (off @ H.T + decay_w * W), H - eta * (W.T @ off + decay_h * H)

    return jax.lax.fori_loop(0, steps, step, (jnp.asarray(W), jnp.asarray(H)))


def analyse(preset: Settings, data: object, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge values, balance, sameness within classes, and where all is lost."""
    measured = stored[NAME]
    verdicts = (*_values(preset, measured), *_geometry(preset, measured), _edge(measured))
    return Outcome(NAME, TITLE, _answer(verdicts), verdicts, (_table(measured),), lambda: _draw(preset, measured))


def predicted(measured: xr.Dataset) -> xr.DataArray:
    """Give each singular value by the law, 0 where nothing is left, [share, ratio]."""
    import derivations

    law = derivations.derive(NAME).formulas["singular_value"].to_numpy()
    at = {name: measured[name] for name in ("class_size", "n", "decay_w", "decay_h")}
    return xr.DataArray(xr.apply_ufunc(lambda *values: law(**dict(zip(at, values, strict=True))), *at.values())).clip(
        min=0
    )


def _values(preset: Settings, measured: xr.Dataset) -> tuple[Verdict, ...]:
    whole = np.sqrt(preset.class_size)
    off = abs(measured.value - predicted(measured)) / whole
    left = measured.share < 1
    said = "all singular values of the outputs are √n_c − n √(L_W L_H)", "nothing is left"
    scopes = f"{int(left.sum())} products of decays below n_c/n²", f"{int((~left).sum())} products above it"
    return tuple(
        exact.verdict(
            float(off.where(here, 0.0).max(skipna=False)) if here.any() else np.nan,
            VALUES.value,
            claim=NAME,
            statement=f"{what} (error over √n_c)",
            scope=f"{where}, {len(preset.ratios)} ratios, {preset.seeds} random starts, gradient descent",
        )
        for what, where, here in zip(said, scopes, (left, ~left), strict=True)
    )


def _geometry(preset: Settings, measured: xr.Dataset) -> tuple[Verdict, ...]:
    at = measured.sel(share=measured.share < 1)
    weight, feature = at.decay_w * at.weight_norm2, at.decay_h * at.feature_norm2
    of_class = predicted(at) * preset.classes * (at.decay_h / at.decay_w) ** 0.5
    found = (
        (abs(weight / feature - 1), "L_W |W|² = L_H |H|² (relative)"),
        (abs(at.weight_norm2 / of_class - 1), "|W|² = K p √(L_H/L_W), K classes, p the singular value (relative)"),
        (at.spread, "all examples of a class have one feature (variance within classes over the mean square)"),
        (at.angle, "the weights of two classes are at right angles (cosine)"),
    )
    return tuple(
        exact.verdict(
            float(error.max(skipna=False)),
            VALUES.value,
            claim=NAME,
            statement=said,
            scope="where something is left",
        )
        for error, said in found
    )


def edge(measured: xr.Dataset) -> xr.DataArray:
    """Give the product L_W L_H at which a line fitted to the measured values reaches 0, [ratio, seed]."""
    at = measured.sel(share=measured.share < 1)
    root = ((at.decay_w * at.decay_h) ** 0.5).isel(ratio=0, drop=True)
    mean = at.value.mean("class")
    slope = ((root - root.mean()) * (mean - mean.mean("share"))).sum("share") / ((root - root.mean()) ** 2).sum()
    return (root.mean() - mean.mean("share") / slope) ** 2


def _edge(measured: xr.Dataset) -> Verdict:
    import derivations

    where = derivations.derive(NAME).formulas["collapse_decay_product"]
    wanted = where(class_size=float(measured.class_size), n=float(measured.n))
    return exact.verdict(
        float(abs(edge(measured) / wanted - 1).max(skipna=False)),
        EDGE.value,
        claim=NAME,
        statement="the line through what is left reaches 0 at L_W L_H = n_c/n²",
        scope="a line fitted to the values below it, for each ratio and start",
        rests_on="the singular values",
    )


def _table(measured: xr.Dataset) -> Table:
    law, rows = predicted(measured), []
    for share in measured.share.values:
        at = measured.sel(share=share)
        rows.append(
            (
                number(share),
                number(float(law.sel(share=share).mean())),
                number(float(at.value.min()), 8),
                number(float(at.value.max()), 8),
                f"{float(at.spread.max()):.0e}" if share < 1 else "",
            )
        )
    columns = ("√(L_W L_H) over that of collapse", "law", "smallest value", "largest value", "spread within classes")
    return Table("Singular values of the outputs", columns, tuple(rows), "Over all ratios, starts and classes.")


def _answer(verdicts: tuple[Verdict, ...]) -> str:
    worst = max(one.measured for one in verdicts[:2])
    return (
        f"Features that are free collapse to one point a class, and every singular value of the outputs is what the "
        f"law says, to {number(worst)} of what the targets have; only the product of the two decays matters for it, "
        "and from n_c/n² on nothing is left."
        if all(one.verdict == "holds" for one in verdicts)
        else f"The law does not hold everywhere: the largest error is {number(worst)} of what the targets have."
    )


def _draw(preset: Settings, measured: xr.Dataset) -> "Figure":
    from wd_jax.figures import style

    drawn, (values, norms) = style.panels(2, height=2.7)
    share, whole = np.linspace(0, max(preset.shares), 200), np.sqrt(preset.class_size)
    values.plot(share, whole * np.maximum(1 - share, 0), color=style.BLACK, lw=1, label="law")
    for i, ratio in enumerate(measured.ratio.values):
        at, look = (
            measured.sel(ratio=ratio),
            {"color": style.SERIES[i], "marker": style.MARKS[i], "ls": "none", "ms": 4},
        )
        moved = at.share + 0.015 * (i - 1)
        values.plot(moved, at.value.mean(("seed", "class")), label=f"L_W/L_H = {ratio:g}", **look)
        norms.plot(share, preset.classes * whole * np.maximum(1 - share, 0) / np.sqrt(ratio), color=style.BLACK, lw=1)
        norms.plot(moved, at.weight_norm2.mean("seed"), **look)
    values.set(title="outputs", xlabel="√(L_W L_H) n / √n_c", ylabel="singular values")
    norms.set(title="last layer", xlabel="√(L_W L_H) n / √n_c", ylabel="|W|²")
    style.legend_of(drawn, values)
    style.title(drawn, f"{TITLE} ({preset.classes} classes of {preset.class_size}, {preset.seeds} seeds)")
    return drawn


EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="What do decay on the last layer and decay on the features leave of a classifier together?",
    collection=LABORATORY,
    presets={
        ("none", "quick"): Settings("none"),
        ("none", "full"): Settings("none", seeds=16, classes=10, class_size=20, features=16, eta=1.0, steps=60_000),
    },
    measurements={NAME: measure},
    analyse=analyse,
    derivations=(NAME,),
    glossary=(
        ("features", "what the last layer is given of each example; here they are free, one vector an example."),
        ("collapse", "all examples of a class get one and the same feature."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
