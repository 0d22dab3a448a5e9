"""A training's log held against the law of its optimiser: what each layer does, and whether the decay is the one asked.

``wd.diagnose(log, "torch:AdamW", lr=3e-4, weight_decay=0.1)``; the parts, in the order in which they are used: what was
asked (`asked`), what is seen of the decay (`seen`), the laws of weights at rest (`resting`), mistakes (`findings`).
"""
