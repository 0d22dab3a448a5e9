"""Start networks, and look at their units and gradients; nothing is trained."""

import numpy as np
import xarray as xr

from experiments.laboratory.saturation.settings import LAYERS, NAME, Settings
from wd_jax.data import Dataset


def measure(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Report on the start of every seed.

    Parameters
    ----------
    preset : Settings
        Hidden units, and how many seeds.
    data : Dataset
        Its training set is looked at.

    Returns
    -------
    xarray.Dataset
        What `simulation.report` gives, [hidden, layer, seed].
    """
    import jax.numpy as jnp

    from experiments.laboratory.saturation import simulation
    from wd_jax.engine.minibatches import INIT_STREAM, host_orders, member_key, stream
    from wd_jax.models.mlp import initialise
    from wd_jax.models.model import MLP

    if data is None:
        raise ValueError("saturation: no data set was given: its presets are for digits and for mnist")
    inputs, targets = (jnp.asarray(one) for one in looked_at(preset, data))
    seeds = list(preset.seeds_of(preset.seeds))
    orders = host_orders(np.array(seeds), 0, 1, len(inputs), "reshuffle")[:, 0]
    found = []
    for hidden in preset.hidden:
        model = MLP((data.n_in, hidden, data.n_out))
        rows = [
            simulation.report(
                initialise(model, stream(member_key(seed), INIT_STREAM)),
                inputs,
                targets,
                jnp.asarray(order),
                m=preset.m,
            )
            for seed, order in zip(seeds, orders, strict=True)
        ]
        found.append({name: np.array([np.asarray(row[name], np.float64) for row in rows]) for name in rows[0]})
    dims = ("hidden", "seed", "layer")
    variables = {name: (dims, np.array([one[name] for one in found])) for name in found[0]}
    labels = {"hidden": np.array(preset.hidden, np.int32), "seed": seeds, "layer": list(LAYERS)}
    return xr.Dataset(variables, labels, {"experiment": NAME}).transpose("hidden", "layer", "seed")


def looked_at(preset: Settings, data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets of the examples that are looked at."""
    return data.train.inputs[: preset.examples], data.train.targets[: preset.examples]
