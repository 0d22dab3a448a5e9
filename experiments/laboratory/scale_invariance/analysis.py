"""Judge neurons at rest, their way to it, and the schedule law."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import derivations
import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.scale_invariance import maps, nearer, published, tolerances
from experiments.laboratory.scale_invariance.preset import CASES, RELAXATIONS, Settings
from experiments.laboratory.scale_invariance.simulation import rest_norm2
from experiments.laboratory.scale_invariance.tolerances import NAME
from wd_jax.data import Dataset
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import HOLDS, Kind, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Weights whose scale does not matter: norm, angle and relaxation"
RELAXING, SCHEDULE = f"{NAME}_relaxation", f"{NAME}_schedule"
ANGLES, NORMS = "1 - cos theta", "|w|^4"
EVEN = 2 / 3
"""Below this chance of the same word in another run the answer says so."""


def analyse(preset: Settings, data: Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the laws and, beside them, what is usually written."""
    rest, relaxing, schedule = stored[NAME], stored[RELAXING], stored[SCHEDULE]
    verdicts = (
        *(verdict for case in CASES for verdict in _at_rest(preset, rest, case)),
        *(verdict for case in RELAXATIONS for verdict in _relaxing(preset, relaxing, case)),
        *_scheduled(preset, schedule),
    )
    told = nearer.all_told(_both_forms(preset, rest, relaxing))
    tables = (_table_of_rest(preset, rest), _table_of_relaxation(preset, relaxing), nearer.table(told))
    tables += (_table_of_schedule(schedule),)
    answer = _answer(verdicts, told)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(preset, stored))


def law(preset: Settings, case: str, what: str) -> xr.DataArray:
    """Give the law's norm2 or angle of a case, of [epsilon].

    Parameters
    ----------
    preset : Settings
        Sizes and decays.
    case : str
        One of `CASES`.
    what : {"norm2", "angle"}
        Squared norm, or angle of a step in radians.
    """
    return curve(case, what, np.array(preset.epsilons), preset.dim)


def curve(case: str, what: str, epsilons: np.ndarray, dim: int) -> xr.DataArray:
    """Give the law's norm2 or angle of a case at any decays, of [epsilon]."""
    rule, numbers = CASES[case]
    each: Callable[[float], float] = _norm2_of if what == "norm2" else _angle_of  # pyrefly: ignore
    values = [each(rule, numbers, float(epsilon), dim) for epsilon in epsilons]  # pyrefly: ignore
    return xr.DataArray(values, {"epsilon": epsilons}, ("epsilon",))


def _norm2_of(rule: str, numbers: dict[str, Any], epsilon: float, dim: int) -> float:
    return rest_norm2(rule, numbers, epsilon / numbers["eta"], dim)


def _angle_of(rule: str, numbers: dict[str, Any], epsilon: float, dim: int) -> float:
    eta = numbers["eta"]
    at = {"eta": eta, "lmbda": epsilon / eta, "n": 1}
    if rule == "sgd":
        return float(derivations.derive("scale_invariant").formulas["angle"](**at))
    if rule == "momentum":
        # 1 - cos theta = epsilon/(1 + mu), from the sine of half the angle, which keeps its digits.
        return 2 * math.asin(math.sqrt(epsilon / (1 + numbers["momentum"]) / 2))
    formula = derivations.derive(rule).formulas["rotation"]
    return float(formula(**at, **{name: numbers[name] for name in ("beta1", "beta2") if name in formula.parameters}))


def turned(angle: xr.DataArray) -> xr.DataArray:
    """Give 1 - cos of an angle, which for a small one keeps its digits."""
    return 2 * xr.ufuncs.sin(angle / 2) ** 2


def _at_rest(preset: Settings, rest: xr.Dataset, case: str) -> tuple[Verdict, ...]:
    """Judge norm and angle of a case at rest, and the published forms of both."""
    rule, numbers = CASES[case]
    measured, within = rest.sel(case=case, drop=True), _allowed(rule)
    common = {"claim": NAME, "scope": f"{case}, d = {preset.dim}, {_range(preset)}"}
    norm2, angle = law(preset, case, "norm2"), law(preset, case, "angle")
    found: list[Verdict] = []

    def judge(quantity: xr.DataArray, theory: xr.DataArray, kind: Kind, words: str) -> None:
        if rule == "sgd":
            found.append(_without_chance(quantity, theory, kind, words, common))
        else:
            found.append(wd.compare(quantity, theory, within, kind=kind, statement=words, **common))

    if rule in ("sgd", "momentum"):
        power, cosine = ("eta G^2/(L(2 - eta L))", "eta L") if rule == "sgd" else ("as derived", "eta L/(1 + mu)")
        name = "SGD" if rule == "sgd" else "momentum"
        judge(measured.norm2**2, norm2**2, "prediction", f"{name}: {NORMS} is {power}")
        judge(turned(measured.angle), turned(angle), "prediction", f"{name}: {ANGLES} is {cosine}")
    else:
        judge(measured.norm2**0.5, norm2**0.5, "prediction", f"{rule} at rest: |w| as on independent noise")
        judge(measured.angle, angle, "prediction", f"{rule} at rest: the angle of a step as on independent noise")
    if rule == "momentum":
        word = f"cosine with {case}: 1 - eta L/(1 + mu)"
        cosine_of = xr.ufuncs.cos(measured.angle)
        found.append(
            wd.compare(
                cosine_of, xr.ufuncs.cos(angle), tolerances.COSINE.value, kind="prediction", statement=word, **common
            )
        )
    epsilon = measured.epsilon
    published_norm2 = published.norm2(rule, numbers, epsilon, preset.dim)
    published_angle = published.angle(rule, numbers, epsilon)
    words = f"{'momentum' if rule == 'momentum' else rule if rule != 'sgd' else 'SGD'}"
    if rule in ("sgd", "momentum"):
        judge(measured.norm2**2, published_norm2**2, "rival", f"{words}: {NORMS} is {published.NORMS[rule]}")
        judge(
            turned(measured.angle), turned(published_angle), "rival", f"{words}: the angle is {published.ANGLES[rule]}"
        )
    else:
        judge(measured.norm2**0.5, published_norm2**0.5, "rival", f"{words} at rest: |w| is {published.NORMS[rule]}")
        judge(measured.angle, published_angle, "rival", f"{words} at rest: the angle is {published.ANGLES[rule]}")
    return tuple(found)


def _without_chance(
    quantity: xr.DataArray, theory: xr.DataArray | float, kind: Kind, words: str, common: dict[str, str]
) -> Verdict:
    """Judge plain SGD, all of whose seeds have the same norms and angles: an interval over them would mean nothing."""
    worst = abs(quantity / theory - 1).max(skipna=False)
    why = "largest relative error over seeds, which can differ by rounding alone"
    return exact.verdict(float(worst), tolerances.EXACT.value, kind=kind, statement=words, why=why, **common)


def _allowed(rule: str) -> float:
    chosen = {"sgd": tolerances.EXACT, "momentum": tolerances.CLOSURE}
    return chosen.get(rule, tolerances.STATISTICAL).value


def _range(preset: Settings) -> str:
    return f"eta L from {preset.epsilons[0]:g} to {preset.epsilons[-1]:g}"


def spread(relaxing: xr.Dataset) -> xr.DataArray:
    """Give the logarithm of the ratio of the two squared norms, those that started above and below, [seed, time]."""
    above, below = (relaxing.norm2.sel(start=name, drop=True) for name in ("above", "below"))
    return xr.ufuncs.log(above / below)


def predicted(preset: Settings, relaxing: xr.Dataset) -> xr.Dataset:
    """Give one case's squared norms as its map has them, from the start that each seed drew.

    Parameters
    ----------
    preset : Settings
        Sizes.
    relaxing : xarray.Dataset
        Of one case, with its start.

    Returns
    -------
    xarray.Dataset
        ``norm2`` of [start, seed, time].
    """
    rule, numbers = RELAXATIONS[relaxing.case.item()]
    at = np.rint(relaxing.time.values / preset.relaxing).astype(int)
    first = relaxing.norm2.isel(time=0)

    def one(start: float) -> np.ndarray:
        return maps.path(rule, numbers, float(relaxing.epsilon), start, int(at[-1]), preset.many)[at]

    paths = xr.apply_ufunc(one, first, output_core_dims=[["time"]], vectorize=True)
    return paths.assign_coords(time=relaxing.time).to_dataset(name="norm2")


def _relaxing(preset: Settings, relaxing: xr.Dataset, case: str) -> tuple[Verdict, ...]:
    """Judge by how much a deviation shrinks between two times: the law, and the usual rate."""
    rule, one = RELAXATIONS[case][0], relaxing.sel(case=case)
    found, law_says, usual = shrinking(preset, one)
    times = one.time.values[_ends(preset, one)]
    span = f"between {times[0]:g} and {times[1]:g} memories" + (" after it settled" if rule == "sgd" else "")
    common = {"claim": NAME, "scope": f"{case}, {preset.many} weights, {span}"}
    name = f"{'SGD' if rule == 'sgd' else rule}'s relaxation"
    rival = f"{name}: rate {published.RATES[rule]}"
    if rule == "sgd":
        said = f"{name}: factor 1 - 4 eta L + 2 (eta L)^2"
        return (
            _without_chance(found, law_says, "prediction", said, common),
            _without_chance(found, usual, "rival", rival, common),
        )
    within, said = tolerances.RELAXATION.value, f"{name}: as its map says"
    return (
        wd.compare(found, law_says, within, statement=said, **common),
        wd.compare(found, usual, within, kind="rival", statement=rival, **common),
    )


def _ends(preset: Settings, one: xr.Dataset) -> list[int]:
    return [int(np.argmin(abs(one.time.values - time))) for time in (preset.first, preset.last)]


def shrinking(preset: Settings, one: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Give by how much the logarithm of a deviation shrinks: as measured, by the law, and by the usual rate, of [seed].

    Parameters
    ----------
    preset : Settings
        Between which times.
    one : xarray.Dataset
        Of one case.
    """
    (rule, numbers), ends, epsilon = RELAXATIONS[one.case.item()], _ends(preset, one), float(one.epsilon)

    def shrunk(path: xr.Dataset) -> xr.DataArray:
        start, end = (spread(path).isel(time=i, drop=True) for i in ends)
        with np.errstate(invalid="ignore"):  # one that has changed sides has shrunk by no factor
            return xr.ufuncs.log(start / end)

    found, steps = shrunk(one), np.diff(one.time.values[ends]).item() / preset.relaxing
    usual = xr.full_like(found, published.relaxation(rule, numbers, epsilon) * steps)
    if rule == "sgd":
        at = {"eta": numbers["eta"], "lmbda": epsilon / numbers["eta"], "n": 1}
        factor = float(derivations.derive("scale_invariant").formulas["relaxation_factor"](**at))
        return found, xr.full_like(found, -steps * math.log(factor)), usual
    return found, shrunk(predicted(preset, one)), usual


def _both_forms(preset: Settings, rest: xr.Dataset, relaxing: xr.Dataset) -> list[nearer.Sample]:
    """Give every norm, angle and relaxation with its usual form, over the law."""
    samples = []
    for case, (rule, numbers) in CASES.items():
        for epsilon in preset.epsilons:
            one, at = rest.sel(case=case, epsilon=epsilon), xr.DataArray(epsilon)
            forms = {
                "norm2": ("|w|", 0.5, published.norm2(rule, numbers, at, preset.dim)),
                "angle": ("angle", 1.0, published.angle(rule, numbers, at)),
            }
            for what, (words, power, usual) in forms.items():
                law_says = float(law(preset, case, what).sel(epsilon=epsilon)) ** power
                found = one[what].values ** power / law_says
                held = np.full(found.shape, float(usual) ** power / law_says)
                samples.append(nearer.Sample(case, f"{words}, eta L {epsilon:g}", found, held))
    for case in RELAXATIONS:
        found, says, usual = shrinking(preset, relaxing.sel(case=case))
        samples.append(nearer.Sample(case, "relaxation", (found / says).values, (usual / says).values))
    return samples


def residual(schedule: xr.Dataset) -> xr.DataArray:
    """Give the relative error of the schedule law in each step but the last, [precision, schedule, seed, step]."""
    law, there = _next_phi(schedule)
    return there / law - 1


def next_tangent(schedule: xr.Dataset) -> xr.DataArray:
    """Give the tangent of the next step's angle by the law, from this step's alone and the next G."""
    scale = np.sqrt(schedule.gradient_norm2 * schedule.norm2).isel(step=slice(1, None))
    law, _ = _next_phi(schedule)
    return law * scale.assign_coords(step=law.step)


def _next_phi(schedule: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Give Phi of the next step by the law, and as it is."""
    numbers = derivations.derive("schedule_law").formulas
    now, after = schedule.isel(step=slice(None, -1)), schedule.isel(step=slice(1, None))
    after = after.assign_coords(step=now.step)
    phi, phi_after = (numbers["phi"](eta=o.eta, lmbda=o.lmbda, n=1, weight_norm2=o.norm2) for o in (now, after))
    growth = numbers["growth"](eta=now.eta, lmbda=now.lmbda, eta_next=after.eta, lmbda_next=after.lmbda, n=1)
    scale = np.sqrt(now.gradient_norm2 * now.norm2)
    law: xr.DataArray = numbers["phi_next"](phi=phi, growth=growth, gradient_scale=scale)
    return law, phi_after


def tangents(schedule: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Give the tangent of each step's angle, and what it would be at rest at that step's eta and L."""
    epsilon = schedule.eta * schedule.lmbda
    turned_by = schedule.eta * np.sqrt(schedule.gradient_norm2) / ((1 - epsilon) * np.sqrt(schedule.norm2))
    return turned_by, np.sqrt(epsilon * (2 - epsilon)) / (1 - epsilon)


def _scheduled(preset: Settings, schedule: xr.Dataset) -> tuple[Verdict, ...]:
    off = abs(residual(schedule))
    double, single = off.sel(precision="float64"), off.sel(precision="float32")
    where = f"{', '.join(schedule.schedule.values)} schedule; a normalised neuron on data, {preset.steps} steps"
    law_words = "Phi' = B Phi/(1 + Phi^2 G^2)"
    turned_by, still = (one.sel(precision="float64", schedule="cosine", drop=True) for one in tangents(schedule))
    half = schedule.sizes["step"] // 2
    late = {"step": slice(half, None)}
    squares = [(one.isel(late) ** 2).mean("step") for one in (turned_by, still)]
    ratio = xr.ufuncs.sqrt(squares[0] / squares[1].mean())
    return (
        exact.verdict(
            float(double.max(skipna=False)), tolerances.LAW_64.value, claim=NAME, statement=f"{law_words} in float64",
            scope=where, kind="identity",
        ),
        exact.verdict(
            float(single.max(skipna=False)), tolerances.LAW_32.value, claim=NAME, statement=f"{law_words} in float32",
            scope=where, kind="identity",
        ),
        wd.compare(
            ratio, 1.0, tolerances.QUASI_STATIC.value, claim=NAME, kind="rival",
            statement="under a cosine the tangent of the angle is as if at rest at the present eta",
            scope="second half of the run, rms over steps",
        ),
    )  # fmt: skip


def _table_of_rest(preset: Settings, rest: xr.Dataset) -> Table:
    rows = []
    for case, (rule, numbers) in CASES.items():
        norm2, angle = law(preset, case, "norm2"), law(preset, case, "angle")
        for epsilon in preset.epsilons:
            one = rest.sel(case=case, epsilon=epsilon)
            at = xr.DataArray(epsilon)
            others = (
                float(published.norm2(rule, numbers, at, preset.dim) / norm2.sel(epsilon=epsilon)) ** 0.5,
                float(published.angle(rule, numbers, at) / angle.sel(epsilon=epsilon)),
            )
            found = (
                t_interval((one.norm2 / norm2.sel(epsilon=epsilon)).values ** 0.5),
                t_interval((one.angle / angle.sel(epsilon=epsilon)).values),
            )
            row = (case, f"{epsilon:g}", str(found[0]), f"{others[0]:.4f}", str(found[1]), f"{others[1]:.4f}")
            rows.append(row)
    columns = ("rule", "eta L", "|w| / law", "published / law", "angle / law", "published / law ")
    note = "Means over seeds with 95 % intervals; published: the leading or mean-field forms of the page."
    return Table("Norm and angle at rest", columns, tuple(rows), note)


def _table_of_relaxation(preset: Settings, relaxing: xr.Dataset) -> Table:
    rows = []
    for case, (rule, numbers) in RELAXATIONS.items():
        one = relaxing.sel(case=case)
        found, law_says = (spread(path) for path in (one, predicted(preset, one)))
        left = [t_interval((each.isel(time=-1) / each.isel(time=0)).values) for each in (found, law_says)]
        usual = published.relaxation(rule, numbers, float(one.epsilon)) / preset.relaxing * one.time.values[-1]
        rows.append((case, str(left[0]), f"{left[1].value:.4f}", f"{math.exp(-usual):.4f}"))
    note = f"Share left of a deviation of |w|^2 after {preset.last:g} memories of the weights, 1/(eta L) steps."
    return Table("Relaxation", ("rule", "measured", "map", "usual rate"), tuple(rows), note)


def _table_of_schedule(schedule: xr.Dataset) -> Table:
    off = abs(residual(schedule))
    rows = []
    for kind in off.precision.values:
        for name in off.schedule.values:
            one = off.sel(precision=kind, schedule=name)
            rows.append((kind, name, f"{float(np.sqrt((one**2).mean())):.1e}", f"{float(one.max()):.1e}"))
    return Table("Residual of the schedule law", ("type", "schedule", "rms", "largest"), tuple(rows))


def _answer(verdicts: tuple[Verdict, ...], told: tuple[nearer.Told, ...]) -> str:
    ours = [one for one in verdicts if one.kind == "prediction"]
    lost = [f"{one.statement} ({one.scope.split(',')[0]}): {one.verdict}" for one in ours if one.verdict != HOLDS]
    rivals = [one for one in verdicts if one.kind == "rival"]
    held = sum(one.verdict == HOLDS for one in rivals)
    kept = f"{len(ours) - len(lost)} of the {len(ours)} predictions of norm, angle and relaxation hold"
    rest = f", and not: {'; '.join(lost)}" if lost else ""
    even = [f"{one.statement} ({one.again:.0%})" for one in ours if one.again < EVEN]
    chance = f" Another run may well give another word (chance of the same word): {'; '.join(even)}." if even else ""
    return (
        f"{kept}{rest}.{chance} {nearer.said(told)} {held} of the {len(rivals)} usual forms are within the tolerance "
        "too, which speaks for none of them where the law is nearer."
    )


def _draw(preset: Settings, stored: dict[str, xr.Dataset]) -> "Figure":
    from experiments.laboratory.scale_invariance import figure

    return figure.figure(preset, stored[NAME], stored[RELAXING], stored[SCHEDULE])
