"""Small logs as the programs themselves write them, by name."""

import json

HOOK = (
    "step,lr,weight_decay,weight_norm/fc.weight,weight_size/fc.weight,weight_cosine/fc.weight,gradient_norm/fc.weight\n"
    "1,0.1,0.01,2.0,12,,0.5\n2,0.1,0.01,1.9,12,0.99,0.4\n3,0.1,0.01,1.8,12,0.98,0.3\n"
)
KERAS = "epoch,accuracy,learning_rate,loss,val_loss\n0,0.1,0.01,2.3,2.2\n1,0.2,0.01,2.1,NA\n2,0.3,0.005,2.0,1.9\n"
LIGHTNING = (
    "epoch,grad_2.0_norm/fc.weight,grad_2.0_norm_total,lr-AdamW,step,train_loss_step,val_loss,weight_norm/fc.weight\n"
    "0,,,0.1,0,,,\n0,0.5,0.7,,0,2.3,,2.0\n0,,,0.1,1,,,\n0,0.4,0.6,,1,2.1,,1.9\n0,,,,1,,2.2,\n"
    "1,,,0.1,2,,,\n1,0.3,0.5,,2,2.0,,1.8\n1,,,0.05,3,,,\n1,0.2,0.4,,3,1.9,,1.7\n1,,,,3,,1.95,\n"
)
CHART = (
    '"Step","wise-sea-3 - weight_norm/fc","wise-sea-3 - weight_norm/fc__MIN","wise-sea-3 - weight_norm/fc__MAX"\n'
    '"0","2","2","2"\n"10","1.9","1.9","1.9"\n"20","1.8","1.8","1.8"\n'
)
HISTORY = (
    "_step,_runtime,_timestamp,train/global_step,train/loss,train/learning_rate,param_norm/fc.weight,gradients/fc.weight\n"
    "0,1.5,1700000000.1,10,2.3,0.1,2.0,\"{'_type': 'histogram'}\"\n1,2.5,1700000001.1,20,2.1,0.1,1.9,\n"
)
LINES = "".join(
    json.dumps(
        {"step": step, "train": {"loss": 2.0 / step, "lr": 0.1}, "param_norms/fc": 2.0 - 0.1 * step, "say": "hi"}
    )
    + "\n"
    for step in (1, 2, 3)
)
STATE = json.dumps(
    {
        "best_metric": None,
        "epoch": 3.0,
        "global_step": 30,
        "log_history": [
            {"epoch": 1.0, "grad_norm": 1.2, "learning_rate": 5e-5, "loss": 2.5, "step": 10},
            {"epoch": 1.0, "eval_loss": 2.4, "eval_runtime": 0.1, "step": 10},
            {"epoch": 2.0, "grad_norm": 1.1, "learning_rate": 4e-5, "loss": 2.2, "step": 20},
            {"epoch": 2.0, "eval_loss": 2.1, "eval_runtime": 0.1, "step": 20},
            {"epoch": 3.0, "grad_norm": 1.0, "learning_rate": 3e-5, "loss": 2.0, "step": 30},
            {"epoch": 3.0, "step": 30, "total_flos": 1e9, "train_loss": 2.2, "train_runtime": 3.0},
        ],
    },
    indent=2,
)
"""Of transformers' Trainer; the last row is that of the end of training."""
ALL = {"hook": HOOK, "keras": KERAS, "lightning": LIGHTNING, "chart": CHART, "history": HISTORY, "lines": LINES}
ALL |= {"state": STATE, "lists": json.dumps({"loss": [2.3, 2.1], "val_loss": [2.4, 2.2]})}
