"""What is measured while members train, one probe a file; `Probe` makes one of your own."""

from wd_jax.engine.probes.probe import Evaluation, Probe, Record, Step, Variable

__all__ = ["Evaluation", "Probe", "Record", "Step", "Variable"]
