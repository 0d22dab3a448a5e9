"""One law a file, or a folder where it has parts: each law of weight decay beside a simulation of what it speaks of.

A file says what is simulated (`measure`), how it is judged (`analyse`), with which tolerances, and how it is drawn.
Its `EXPERIMENT` puts them together, a line in `experiments.registry` makes it known, and docs/laboratory has its page.
"""

from experiments.experiment import Collection

LABORATORY = Collection(
    name="laboratory",
    title="Laws of weight decay, measured",
    heading="Laws of weight decay, measured",
    introduction="""\
Each law is put beside a simulation of what it speaks of. What is exact is judged by its number, all else by an interval
over seeds, with tolerances that were fixed before anything was measured, but for those that say otherwise.""",
)
