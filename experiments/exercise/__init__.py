"""The four claims of Nielsen's exercise, a folder each; they share a preset, tolerances and a hold-out."""

from experiments.experiment import Collection

EXERCISE = Collection(
    name="exercise",
    title="Nielsen's claims about weight decay",
    heading="Nielsen's four claims about weight decay",
    introduction="""\
An MLP with L2 regularisation, plain SGD and weights started at N(0,1) (M. Nielsen, *Neural Networks and Deep Learning*,
chapter 3).""",
    question="Does weight decay turn a bad start into a good one?",
    opening="""\
Weight decay (L2 regularisation) takes the share ηλ/n from every weight at each step of training (η: learning rate, λ:
strength of the decay, $n$: number of examples). M. Nielsen's book says that it rescues networks whose weights start too
large. What it claims, measured:""",
)

DEAD_INPUTS = ("dead inputs", "inputs that are zero on the whole training set; their weights feel nothing but decay.")
"""A word of two claims."""
BUDGET = ("budget_decay", "budget_drift", "budget_noise")
"""Variables that every claim stores."""
