"""What each dtype keeps of a decay, as rows of a prediction and a warning."""

from typing import Any

from wd_jax import precision
from wd_jax.precision import Form

SHOWN = ("float32", "bfloat16", "float16")
FORMS: dict[Form, str] = {"subtract": "w − εw", "multiply": "(1 − ε)w"}
USERS: dict[Form, str] = {"subtract": " (wd_jax, optax, SGD)", "multiply": " (PyTorch's AdamW)"}
"""Who steps so in float32; in 16 bits PyTorch's AdamW does either, by its options and device."""
Kept = dict[str, dict[str, dict[str, Any]]]


def kept(epsilon: float, dtype: str = "") -> Kept:
    """Say what weights without gradient keep of a decay, by dtype and form.

    Parameters
    ----------
    epsilon : float
        Decay per step, dimensionless.
    dtype : str
        One more of interest, if it is none of `SHOWN`.

    Returns
    -------
    dict
        ``at_first`` and ``over_half_life``, shares of the rate (`wd_jax.precision.decay_kept`); ``word``; ``remedy``,
        empty where the decay is kept.

    Examples
    --------
    >>> kept(2e-7)["float32"]["multiply"]["word"], kept(1e-4)["bfloat16"]["subtract"]["at_first"]
    ('wrong rate', 0.0)
    """
    steps = precision.steps_to_halve(epsilon) if 0 < epsilon < 1 else 1
    return {
        dtype: {
            form: {
                "at_first": precision.decay_kept(epsilon, dtype, 1, form),
                "over_half_life": precision.decay_kept(epsilon, dtype, steps, form),
                "word": precision.word(epsilon, dtype, form),
                "remedy": remedy(epsilon, dtype, form),
            }
            for form in FORMS
        }
        for dtype in dict.fromkeys((*SHOWN, *([dtype] if dtype else [])))
    }


def remedy(epsilon: float, dtype: str, form: Form) -> str:
    """Say what keeps a decay that `dtype` does not: another form, or a wider dtype.

    Examples
    --------
    >>> remedy(1e-6, "float32", "multiply"), remedy(1e-5, "bfloat16", "subtract")
    ('subtract εw', 'keep float32 master weights')
    >>> remedy(1e-17, "float32", "subtract")
    'no dtype keeps so little: raise the decay, or set it to 0'
    """
    if precision.word(epsilon, dtype, form) == "kept":
        return ""
    if precision.word(epsilon, dtype, "subtract") == "kept":
        return "subtract εw"
    wider = [name for name in ("float32", "float64") if precision.BITS[name] > precision.BITS[dtype]]
    keeping = [name for name in wider if precision.word(epsilon, name) == "kept"]
    if keeping:
        return "use float64" if dtype == "float32" else f"keep {keeping[0]} master weights"
    return "no dtype keeps so little: raise the decay, or set it to 0"


def rows(found: Kept) -> dict[str, str]:
    """Write the shares as text under labels, both forms in one row where they say the same."""
    shown: dict[str, str] = {}
    for dtype, forms in found.items():
        texts = {name: _text(forms[form]) for form, name in FORMS.items()}
        if len(set(texts.values())) == 1:
            shown[f"{dtype} keeps of the decay"] = next(iter(texts.values()))
        else:
            users = dict(zip(FORMS.values(), USERS.values(), strict=True)) if dtype == "float32" else {}
            shown |= {f"{dtype} keeps, {name}{users.get(name, '')}": text for name, text in texts.items()}
    return shown


def warnings(found: Kept, epsilon: float) -> tuple[str, ...]:
    """Warn of a decay that float32 weights without gradient do not keep, with the remedy."""
    forms = found["float32"]
    bad = {form: forms[form] for form in FORMS if forms[form]["word"] != "kept"}
    if not bad:
        return ()
    if all(one["word"] == "lost" for one in bad.values()) and len(bad) == len(FORMS):
        effect = "no decay is left"
    else:
        each = ", ".join(
            f"{one['at_first']:.3g} of it at first and {one['over_half_life']:.3g} over a half-life by "
            f"{FORMS[form]}{USERS[form]}"
            for form, one in bad.items()
        )
        effect = f"weights without gradient keep {each}"
    mend = "; ".join(dict.fromkeys(one["remedy"] for one in bad.values()))
    return (
        f"float32: a decay of {epsilon:.3g} per step is small against the spacing of its numbers, {effect}: {mend}",
    )


def _text(one: dict[str, Any]) -> str:
    first, later = (f"{one[name]:.3g}" for name in ("at_first", "over_half_life"))
    shares = first if first == later else f"{first} at first, {later} over a half-life"
    return f"{shares}: {one['word']}" + (f", {one['remedy']}" if one["remedy"] else "")
