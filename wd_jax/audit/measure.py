"""Ask an optimiser everything: ``python -m wd_jax.audit.measure torch:AdamW`` needs NumPy and the library, no more."""

import argparse
import datetime
import json
import sys
import warnings
from collections.abc import Sequence

from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.questions import LEFT_OUT_WHERE_SLOW, QUESTIONS, Answer, Asking, Question, UnaskedError
from wd_jax.audit.responses import Responses
from wd_jax.audit.stimuli import MisbehavedError


def measure(box: BlackBox, *, lr: float = 0.1, weight_decay: float = 0.01) -> Responses:
    """Drive an optimiser through all questions.

    Parameters
    ----------
    box : BlackBox
        The optimiser; it is made anew for every run.
    lr, weight_decay : float
        Of the standard stimulus; beside gradients a hundredth of the rate and ten times the decay.

    Returns
    -------
    Responses
        A question that it cannot answer leaves one line and no number; the others are asked all the same.
    """
    asking = Asking(box, lr, weight_decay)
    numbers: dict[str, float | None] = {}
    failures: dict[str, str] = {}
    for question in QUESTIONS:
        if box.facts.get("slow") and question in LEFT_OUT_WHERE_SLOW:
            failures[question.__name__] = "not asked: a step takes long here"
            continue
        answer, failure = _ask(question, asking)
        numbers |= answer
        if failure:
            failures[question.__name__] = failure
    before, now = numbers.get("matrix_after_10"), numbers.get("matrix_after_10_again")
    if before is not None and now is not None and before != now and before == before:
        failures["again"] = (
            f"keeps something from one beginning to the next: ten steps left {before:.7g} first and {now:.7g} when "
            "asked again, so no number of this audit is sure"
        )
    own = f"taken to be lr {lr:g}, weight decay {weight_decay:g}" if box.facts.get("fixed") else ""
    return Responses(
        library=box.library,
        name=box.name,
        version=box.version,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        lr=lr,
        weight_decay=weight_decay,
        numbers=numbers,
        failures=failures,
        default_lr=box.default_lr,
        default_weight_decay=box.default_weight_decay,
        facts=dict(box.facts),
        note="; ".join(filter(None, (box.note, own))),
    )


def _ask(question: Question, asking: Asking) -> tuple[Answer, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return question(asking), ""
    except (UnaskedError, MisbehavedError) as error:
        return {}, str(error)
    except (Exception, SystemExit) as error:  # anything may be raised by an optimiser that is not ours
        return {}, told(error)


def told(error: BaseException) -> str:
    """Say in one line what an optimiser raised."""
    text = " ".join(str(error).split())
    if "closure" in text:
        return "needs a closure that computes the loss, as L-BFGS does: the audit gives gradients only"
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is named and print a JSON list of records."""
    from wd_jax.audit.adapters import registry

    parser = argparse.ArgumentParser(prog="python -m wd_jax.audit.measure", description=__doc__)
    parser.add_argument("spec", nargs="+", help="LIBRARY:NAME(option=value,flag)")
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    given = parser.parse_args(arguments)
    records, failed = [], 0
    for spec in given.spec:
        try:
            found = measure(registry.find(spec), lr=given.lr, weight_decay=given.weight_decay)
            records.append({"spec": spec, **found.record()})
        except Exception as error:
            failed += 1
            records.append({"spec": spec, "error": " ".join(f"{error}".split()) or type(error).__name__})
    json.dump(records, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
