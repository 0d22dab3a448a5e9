"""The learning rate that weights whose length means nothing really learn with."""

from __future__ import annotations

from typing import Any

from wd_jax.engine.probes.probe import Probe, Record, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms


def _record(state: None, record: Record) -> dict[str, Any]:
    from wd_jax.models.layers import weights

    return {"effective_eta": record.hyper.eta / squared_norms(weights(record.params))}


PROBE = Probe(
    name="effective_eta",
    variables=(
        Variable(
            "effective_eta",
            ("layer",),
            "effective learning rate",
            "eta / |W|^2 at the record: the rate at which SGD turns scale-invariant weights, as before a normalisation",
        ),
    ),
    switch=Switch(
        "effective_eta", "effective_eta", True, "Also give each layer's effective learning rate, eta / |W|^2; for free."
    ),
    record=_record,
)
