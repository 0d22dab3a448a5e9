"""What a reader needs before the first verdict: how to read one, and the words that tables and figures use."""

INTRODUCTION = """\
An MLP with L2 regularisation, plain SGD and weights started at N(0,1) (M. Nielsen, *Neural Networks and Deep Learning*,
chapter 3). A claim *holds* if its 95 % interval lies inside the tolerance, *fails* if it lies wholly outside, has
*diverged* if nothing fails and runs that it needs went to infinity, and is *undecided* otherwise; some tolerances were
chosen after results had been seen, and a table says which, with the reason and the date of each. A prediction takes its
inputs from elsewhere; an identity checks the program, not the theory.
A claim that fails is a result. Intervals hold jointly over the cells of a verdict,
not over all verdicts: of every twenty at 95 % one may be wrong by chance."""

GLOSSARY = (
    (
        "budget of ‖W‖²",
        "each step changes a layer's squared norm by decay, drift (along the gradient) and noise (the squared gradient "
        "step); decay's share is |decay| / (|decay| + |drift| + noise).",
    ),
    (
        "lmbda_crit",
        "the λ at which decay is as large as the rest, per seed, averaged as a logarithm.",
    ),
    (
        "dead inputs",
        "inputs that are zero on the whole training set; their weights feel nothing but decay.",
    ),
    (
        "E1-E3",
        "the theory of the start, from the inputs' norms alone (derivations `saturation` and `dominance`).",
    ),
    (
        "plateau",
        "the window at the end of a run whose thirds agree; Q: what the gradient supplies there, n_w λ w²/n; virial: "
        "the plateau from ⟨W, ∇C₀⟩; noise floor: the plateau if the gradient were noise alone.",
    ),
    ("C₀, ρ", "the data cost, and the L2 term over it."),
)
"""Words and what they mean, in plain text."""
