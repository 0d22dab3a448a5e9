"""What a reader needs before the first verdict: how to read one, and the words that tables and figures use."""

INTRODUCTION = """\
An MLP with L2 regularisation, plain SGD and weights started at N(0,1) (M. Nielsen, *Neural Networks and Deep Learning*,
chapter 3). A claim *holds* if its 95 % interval lies inside the tolerance, *fails* if it lies wholly outside, has
*diverged* if nothing fails and runs that it needs went to infinity, and is *undecided* otherwise; some tolerances were
chosen after results had been seen, and a table says which, with the reason and the date of each. Where
a claim is judged in several cells it holds if the interval of each cell, by itself,
lies inside, and fails if that of one cell lies outside at 95 % for the cells together (Bonferroni): where seeds
scatter about normally, one that is outside in truth is passed in 2.5 % of runs at most, one that is inside is refuted
in 5 % at most (sizes compared by a factor are
judged by their logarithms, which may be skewed). A claim that fails is a result. The intervals run over
seeds: a seed sets the starting weights and the order of the examples. The training set is one and fixed, so nothing is
said of other data sets."""

AGAIN = "again: how likely another run, of as many new seeds, is to give the same word."
"""What the column of that name holds."""

GLOSSARY = (
    (
        "prediction, rival, identity",
        "a prediction takes its inputs from elsewhere; a rival is a formula held up beside the theory to be told apart "
        "from it, and often it ought to fail; an identity checks the program, not the theory. Only predictions are "
        "counted as evidence, and one that follows from others is no evidence of its own.",
    ),
    (
        "again",
        "how likely another run, of as many new seeds, is to give a verdict the same word. That run has errors of its "
        "own besides those made here, of its mean and of its interval's width: both are drawn, and the words counted. "
        "Nothing else is taken to be known, so that what just holds by luck is told too much. Cells are taken as if "
        "they were independent; those of one run often move together, and then all of them hold more often than said.",
    ),
    (
        "budget of ‖W‖²",
        "each step changes a layer's squared norm by decay, drift (along the gradient) and noise (the squared gradient "
        "step). The traffic is a sum over all steps of what each adds and takes away, so that drift to and fro does "
        "not cancel; decay's share of it is |decay| / (|decay| + |drift| + noise).",
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
        "late weights",
        "the mean over the last 60 % of a run, where the means of its thirds are shown to differ by less than 1 %, "
        "whatever moves within a third: there decay has tailed off. Q: what the gradient supplies there, n_w λ w²/n; "
        "virial size: that which ⟨W, ∇C₀⟩ alone would hold; noise floor: that if the gradient were noise alone.",
    ),
    ("C₀, ρ", "the data cost, and the L2 term over it."),
)
"""Words and what they mean, in plain text."""
