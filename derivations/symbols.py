"""Every symbol once: its name in Python, what it means, its unit and how the field writes it."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Quantity:
    """A symbol together with what it stands for.

    Parameters
    ----------
    symbol : sympy.Symbol
        The symbol; its name is the Python, command-line and coordinate name.
    meaning : str
        One phrase a user understands.
    unit : str
        Unit, "1" where there is none.
    latex, unicode : str
        How the symbol is printed.

    Examples
    --------
    >>> describe("lmbda").unicode
    'λ'
    """

    symbol: sp.Symbol
    meaning: str
    unit: str
    latex: str
    unicode: str

    @property
    def name(self) -> str:
        """The Python name of the symbol."""
        return self.symbol.name


def _quantity(name: str, meaning: str, unit: str, latex: str, unicode: str, **facts: bool) -> Quantity:
    return Quantity(sp.Symbol(name, **(facts or {"positive": True})), meaning, unit, latex, unicode)


_REAL = {"real": True}
_COUNT = {"integer": True, "nonnegative": True}

QUANTITIES: dict[str, Quantity] = {
    quantity.name: quantity
    for quantity in (
        _quantity("eta", "learning rate", "1", r"\eta", "η"),
        _quantity("lmbda", "Nielsen's regularisation rate: the cost carries lmbda/(2n) sum w^2", "1", r"\lambda", "λ"),
        _quantity("n", "training-set size", "examples", "n", "n"),
        _quantity("m", "minibatch size", "examples", "m", "m"),
        _quantity("n_w", "number of weights of the layer or network", "1", "n_w", "n_w"),
        _quantity("n_in", "inputs per neuron", "1", r"n_{\mathrm{in}}", "n_in"),
        _quantity("n_out", "neurons of the next layer", "1", r"n_{\mathrm{out}}", "n_out"),
        _quantity("n_hidden", "neurons of the hidden layer", "1", r"n_{\mathrm{hid}}", "n_hid"),
        _quantity("epsilon", "decay per step, eta lmbda / n", "1", r"\varepsilon", "ε"),
        _quantity("kappa", "decay per epoch, eta lmbda / m", "1", r"\kappa", "κ"),
        _quantity("steps_per_epoch", "steps per epoch", "1", "M", "M", integer=True, positive=True),
        _quantity("step", "number of steps made", "steps", "k", "k", **_COUNT),
        _quantity("count", "examples added up so far", "1", "j", "j", **_COUNT),
        _quantity("dim", "number of weights in a sum", "1", "d", "d", integer=True, positive=True),
        _quantity("epoch", "time since the start", "epochs", "t", "t", nonnegative=True),
        _quantity("w_0", "one weight before training", "1", "w_0", "w₀", **_REAL),
        _quantity("x", "number between 0 and 1", "1", "x", "x"),
        _quantity("t", "positive number", "1", "t", "t"),
        _quantity("s", "factor by which all weights are scaled", "1", "s", "s"),
        _quantity("c", "positive number", "1", "c", "c"),
        _quantity("z", "any number; beside the density, a standard Gaussian variable", "1", "z", "z", **_REAL),
        _quantity("weight_rms", "root mean square of the weights", "1", r"w_{\mathrm{rms}}", "w_rms"),
        _quantity(
            "weight_rms_0", "root mean square of the weights before training", "1", r"w_{\mathrm{rms},0}", "w_rms,0"
        ),
        _quantity("weight_rms_plateau", "root mean square of the weights at the plateau", "1", r"w_\infty", "w_∞"),
        _quantity("weight_ms", "mean square of the weights", "1", r"\overline{w^2}", "⟨w²⟩"),
        _quantity("weight_norm", "Frobenius norm of the layer's weights", "1", r"\|W\|", "‖W‖"),
        _quantity("weight_norm2", "squared Frobenius norm of the layer's weights", "1", r"\|W\|^2", "‖W‖²"),
        _quantity("gradient_ms", "mean square over weights of the minibatch gradient", "1", r"\overline{g^2}", "⟨g²⟩"),
        _quantity(
            "gradient_rms",
            "root mean square over weights of the full-batch gradient",
            "1",
            r"g_{\mathrm{rms}}",
            "g_rms",
        ),
        _quantity("gradient_norm2", "squared norm of the minibatch gradient", "1", r"\|\bar g\|^2", "‖g‖²"),
        _quantity(
            "batch_gradient_rms",
            "root mean square over weights of the minibatch gradient",
            "1",
            r"\bar g_{\mathrm{rms}}",
            "ḡ_rms",
        ),
        _quantity(
            "weight_dot_gradient",
            "inner product of weights and gradient of the data cost",
            "1",
            r"\langle W,\nabla C_0\rangle",
            "⟨W,∇C₀⟩",
            **_REAL,
        ),
        _quantity(
            "moved_by_gradient", "norm of the displacement by the gradient over one epoch", "1", r"\Delta_g", "Δ_g"
        ),
        _quantity("decay", "change of the squared norm by decay", "1", r"\mathrm{decay}", "decay", **_REAL),
        _quantity("drift", "change of the squared norm by the drift term", "1", r"\mathrm{drift}", "drift", **_REAL),
        _quantity(
            "noise",
            "change of the squared norm by the squared gradient step",
            "1",
            r"\mathrm{noise}",
            "noise",
            nonnegative=True,
        ),
        _quantity("Q", "gradient side of the norm balance, -<W,g> + eta/2 ||g||^2", "1", "Q", "Q"),
        _quantity("Q_epoch", "the same from an epoch's sums, exact", "1", r"Q_{\mathrm{epoch}}", "Q_epoch"),
        _quantity("input_norm2", "mean squared norm of the network's input", "1", r"\overline{\|x\|^2}", "⟨‖x‖²⟩"),
        _quantity("preactivation_rms", "standard deviation of a neuron's weighted input", "1", "s_z", "s_z"),
        _quantity("preactivation_rms_1", "standard deviation of the hidden layer's weighted inputs", "1", "s_1", "s₁"),
        _quantity("preactivation_rms_2", "standard deviation of the output layer's weighted inputs", "1", "s_2", "s₂"),
        _quantity("activation_ms", "mean square of the layer's inputs", "1", r"\overline{a^2}", "⟨a²⟩"),
        _quantity("mean_slope", "Gaussian mean of the sigmoid's slope", "1", r"\overline{\sigma'}", "⟨σ'⟩"),
        _quantity("mean_square_slope", "Gaussian mean of the squared slope", "1", r"\overline{\sigma'^2}", "⟨σ'²⟩"),
        _quantity("share", "share of decay in the traffic of the squared norm", "1", "S", "S"),
        _quantity("q", "factor per step, 1 - epsilon", "1", "q", "q"),
        _quantity("delta_ms", "mean square of dC/dz", "1", r"\overline{\delta^2}", "⟨δ²⟩"),
        _quantity("a", "any number", "1", "a", "a", **_REAL),
        _quantity("y", "any number", "1", "y", "y", **_REAL),
        _quantity("target_mean", "probability that a target is 1", "1", "p", "p"),
        # timescale
        _quantity(
            "tau_iter",
            "time scale of the moving average of updates, in steps",
            "steps",
            r"\tau_{\mathrm{iter}}",
            "τ_iter",
        ),
        _quantity("tau_epoch", "the same in epochs, 1/kappa", "epochs", r"\tau_{\mathrm{epoch}}", "τ_epoch"),
        _quantity("tau_run", "the same as a share of the whole run", "1", r"\tau", "τ"),
        _quantity("weight_decay", "decay as optax and PyTorch count it, lmbda/n", "1", "L", "L"),
        # elsewhere: what other libraries do
        _quantity("eta_start", "learning rate of the first step", "1", r"\eta_0", "η₀"),
        _quantity("steps_after", "steps made after a change", "steps", "k'", "k'", **_COUNT),
        _quantity("absolute_decay", "decay per step that the learning rate is not in", "1", "L_a", "L_a"),
        _quantity("relative_decay", "decay per step at the first learning rate", "1", "L_r", "L_r"),
        _quantity("implicit_decay", "decay of a rule that divides by 1 + eta L", "1", "L_i", "L_i"),
        _quantity("trust_coefficient", "factor of LARS's trust ratio", "1", "c_T", "c_T"),
        _quantity("ratio_bound", "largest trust ratio that is allowed", "1", r"r_{\max}", "r_max"),
        _quantity("direction_norm", "norm of the update's direction, decay in it", "1", r"\|D\|", "‖D‖"),
        _quantity("mixing", "share of the average in the point where the gradient is taken", "1", r"\beta", "β"),
        _quantity("ema_factor", "what a moving average of weights keeps of itself in a step", "1", r"\beta_w", "β_w"),
        _quantity("slow_share", "share of the way that slow weights go to the fast ones", "1", r"\alpha", "α"),
        _quantity("inner_steps", "fast steps for one slow step", "steps", "K", "K", integer=True, positive=True),
        _quantity("cycles", "slow steps made", "1", "n_c", "n_c", **_COUNT),
        _quantity("rate_sum", "sum of the learning rates of all steps", "1", "S", "S"),
        _quantity("square_sum", "sum of their squares", "1", "Q", "Q"),
        _quantity("run_share", "share of the run that has passed", "1", "x", "x"),
        _quantity("left_at_end", "share of the start that is left at the end of the run", "1", "r", "r"),
        _quantity("rms_floor", "least rms by which a learning rate is scaled", "1", r"w_{\min}", "w_min"),
        _quantity("second_start", "mean squared gradient that the average starts with", "1", "V_0", "V₀"),
        _quantity("dampening", "what PyTorch's momentum leaves out of a gradient", "1", "d", "d"),
        _quantity("root_gap_n", "difference of the two factors, Nesterov", "1", r"\Delta_r^{\mathrm{N}}", "Δ_rᴺ"),
        _quantity("age", "how long ago data were seen", "epochs", r"\mathrm{age}", "age", **_COUNT),
        _quantity("total_epochs", "length of the run", "epochs", "T", "T"),
        _quantity("samples_seen", "examples seen in the whole run, repeats included", "examples", "D", "D"),
        _quantity("retained", "factor of a weight per epoch of decay alone", "1", "F", "F"),
        _quantity("teacher_weight", "true weight along one direction of the inputs", "1", "u", "u"),
        _quantity("target_noise", "standard deviation of the noise on a target", "1", r"\sigma_y", "σ_y"),
        _quantity("input_square", "sum over the training set of an input's square", "1", "A", "A"),
        # ridge
        _quantity("curvature", "mean over examples of the squared input along a direction", "1", "h", "h"),
        _quantity("curvature_var", "variance over examples of the squared input", "1", "V", "V"),
        _quantity("curvature_2", "curvature of a second direction", "1", "h_2", "h₂"),
        _quantity("curvature_var_2", "curvature_var of a second direction", "1", "V_2", "V₂"),
        _quantity("gradient_std_2", "gradient_std of a second direction", "1", r"\sigma_{g,2}", "σ_g,2"),
        _quantity(
            "gradient_cov", "covariance over examples of two gradients at the optimum", "1", "C_{12}", "C₁₂", **_REAL
        ),
        _quantity(
            "curvature_gradient_cov", "mean over examples of squared input times gradient", "1", "D", "D", **_REAL
        ),
        _quantity("input_product_ms", "mean over examples of (x_1 x_2)^2", "1", "K", "K"),
        _quantity("input_skew", "mean over examples of x_1^3 x_2", "1", "K_{31}", "K₃₁", **_REAL),
        _quantity("input_skew_2", "mean over examples of x_1 x_2^3", "1", "K_{13}", "K₁₃", **_REAL),
        _quantity(
            "loss_12", "share of the covariance that a step removes, over eta", "1", r"\ell_{12}", "ℓ₁₂", **_REAL
        ),
        _quantity(
            "tilt", "what the covariance feeds into the first mean square, over 2 eta", "1", "k_{31}", "k₃₁", **_REAL
        ),
        _quantity("tilt_2", "what the covariance feeds into the second, over 2 eta", "1", "k_{13}", "k₁₃", **_REAL),
        _quantity("teacher_weight_2", "true weight along a second direction", "1", "u_2", "u₂", **_REAL),
        _quantity("total_curvature", "curvature with decay, h + lmbda/n", "1", "H", "H"),
        _quantity("total_curvature_2", "the same of a second direction", "1", "H_2", "H₂"),
        _quantity("loss", "share of the mean square that a step removes, over eta", "1", r"\ell", "ℓ", **_REAL),
        _quantity("loss_2", "the same of a second direction", "1", r"\ell_2", "ℓ₂", **_REAL),
        _quantity("link", "what the mean square of one weight feeds into another's, over eta", "1", "k_{12}", "k₁₂"),
        _quantity("error_0", "distance of a weight from its optimum before training", "1", "e_0", "e₀", **_REAL),
        _quantity("weight_cov_0", "covariance of two weights before training", "1", "S_{12,0}", "S₁₂,₀", **_REAL),
        # stationary_variance, schedules, momentum, shuffling
        _quantity("gradient_std", "standard deviation over examples of a weight's gradient", "1", r"\sigma_g", "σ_g"),
        _quantity("mean_gradient", "mean over examples of a weight's gradient, constant", "1", r"\bar g", "ḡ", **_REAL),
        _quantity("weight_var_0", "variance of a weight at the start", "1", "v_0", "v₀", nonnegative=True),
        _quantity("weight_var", "variance of a weight once it has settled", "1", r"v_\infty", "v_∞"),
        _quantity("weight_std", "standard deviation of a weight once it has settled", "1", r"\sigma_w", "σ_w"),
        _quantity("momentum", "momentum coefficient", "1", r"\mu", "μ"),
        _quantity("slow_root", "factor per step of the slow mode", "1", "r_+", "r₊"),
        _quantity("fast_root", "factor per step of the fast mode", "1", "r_-", "r₋"),
        _quantity("root_gap", "difference of the two factors", "1", r"\Delta_r", "Δ_r"),
        _quantity("gradient", "gradient that a step uses, along one weight", "1", "g", "g", **_REAL),
        _quantity("slow_root_n", "factor per step of the slow mode, Nesterov", "1", r"r_+^{\mathrm{N}}", "r₊ᴺ"),
        _quantity("fast_root_n", "factor per step of the fast mode, Nesterov", "1", r"r_-^{\mathrm{N}}", "r₋ᴺ"),
        _quantity("batch_noise", "variance of the minibatch gradient", "1", "V", "V"),
        _quantity("velocity_var", "variance of the velocity once it has settled", "1", r"\mathrm{Var}\,v", "Var_v"),
        _quantity(
            "weight_velocity_cov",
            "covariance of weight and velocity once they have settled",
            "1",
            r"\mathrm{Cov}(w,v)",
            "Cov_wv",
            real=True,
        ),
        _quantity("total_steps", "length of the schedule", "steps", "T", "T", integer=True, positive=True),
        _quantity("warmup_steps", "steps of linear warm-up", "steps", "T_1", "T₁", **_COUNT),
        _quantity("stable_steps", "steps at the full learning rate", "steps", "T_2", "T₂", **_COUNT),
        _quantity("cooldown_steps", "steps of linear cool-down", "steps", "T_3", "T₃", **_COUNT),
        _quantity("t_c", "steps after which an inverse-time schedule has halved", "steps", "t_c", "t_c"),
        _quantity("epoch_share", "share of an epoch that has passed", "1", "x", "x"),
        _quantity("epochs_made", "number of epochs made", "epochs", "e", "e", **_COUNT),
        _quantity("log_decay", "minus the logarithm of the factor per step", "1", "a", "a"),
        # scale_invariant, schedule_law
        _quantity("gradient_scale", "norm of the gradient at unit weight norm, |g| |w|", "1", "G", "G"),
        _quantity(
            "along_weights",
            "component of any vector along the weights, per weight",
            "1",
            r"h_\parallel",
            "h_∥",
            **_REAL,
        ),
        _quantity("velocity_overlap", "minus the inner product of weights and velocity", "1", "P", "P"),
        _quantity("velocity_norm2", "squared norm of the velocity", "1", r"\|v\|^2", "‖v‖²"),
        _quantity(
            "radial_share",
            "share of the decay that the gradient resists, -<w,g> over lmbda/n |w|^2",
            "1",
            "f",
            "f",
            **_REAL,
        ),
        _quantity("direction_overlap", "minus the inner product of weights and direction", "1", "P_u", "P_u", **_REAL),
        _quantity(
            "signal_to_noise", "squared mean gradient over the variance of the minibatch's", "1", r"\varrho", "ϱ"
        ),
        _quantity("eta_next", "learning rate of the next step", "1", r"\eta'", "η'"),
        _quantity("lmbda_next", "regularisation rate of the next step", "1", r"\lambda'", "λ'"),
        _quantity("phi", "turning per unit gradient scale, eta/((1 - epsilon)|w|^2)", "1", r"\Phi", "Φ"),
        _quantity("growth", "factor the schedule puts on phi in a step", "1", "B", "B"),
        # symmetry
        _quantity("input_1", "first input times the unit's slope", "1", "u_1", "u₁", **_REAL),
        _quantity("input_2", "second input times the unit's slope", "1", "u_2", "u₂", **_REAL),
        _quantity("weight_norm2_above", "squared Frobenius norm of the next layer", "1", r"\|W'\|^2", "‖W'‖²"),
        _quantity("gradient_norm2_above", "squared gradient norm of the next layer", "1", r"\|g'\|^2", "‖g'‖²"),
        _quantity("partition", "sum of the exponentials of the logits", "1", "Z", "Z"),
        _quantity("imbalance_0", "next layer's squared norm minus this one's, at the start", "1", "D_0", "D₀", **_REAL),
        _quantity("gradient_gap", "the same difference of squared gradient norms", "1", r"\Delta", "Δ", **_REAL),
        # online_perceptron
        _quantity("student_variance", "variance of the student's field, its squared norm", "1", "Q", "Q"),
        _quantity("overlap", "covariance of student's and teacher's fields", "1", "R", "R", **_REAL),
        _quantity("residual_variance", "variance of the student's field given the teacher's", "1", "v", "v"),
        _quantity("gamma", "decay rate; one example takes the share gamma/N", "1", r"\gamma", "γ"),
        _quantity(
            "output_noise", "variance of the noise on the teacher's output", "1", r"\sigma^2", "σ²", nonnegative=True
        ),
        _quantity("b", "positive number", "1", "b", "b"),
        # start_gradient
        _quantity("pair_covariance", "covariance of two examples' weighted inputs", "1", "v_p", "v_p", **_REAL),
        _quantity(
            "preactivation_rms_pair", "standard deviation of the other example's weighted input", "1", "s'", "s′"
        ),
        _quantity("slope_width2", "variance of the normal density that stands for the slope", "1", "c_p", "c_p"),
        _quantity(
            "example_gradient_ms",
            "mean square over weights of one example's gradient",
            "1",
            r"\overline{g_x^2}",
            "⟨gₓ²⟩",
        ),
        _quantity("pull", "size of the mean over weights of weight times gradient", "1", r"|\overline{wg}|", "|⟨wg⟩|"),
        # adam_l2, adamw, sign_momentum, lion
        _quantity("beta1", "averaging factor of the gradient", "1", r"\beta_1", "β₁"),
        _quantity("beta2", "averaging factor of the squared gradient; in Lion, of the momentum", "1", r"\beta_2", "β₂"),
        _quantity("adam_epsilon", "number added to the root of the mean squared gradient", "1", r"\epsilon_A", "ε_A"),
        _quantity("square_var", "relative variance of a squared gradient, its kurtosis less 1", "1", "k_g", "k_g"),
        _quantity("mean_square_var", "relative variance of the averaged square", "1", "V_2", "V₂"),
        _quantity("own_square", "share that a gradient in the average has of the averaged square", "1", "B_2", "B₂"),
        _quantity("update_ms", "mean square of the update's direction", "1", r"\overline{u^2}", "⟨u²⟩"),
        _quantity("update_bound", "largest size of the update's direction", "1", r"u_{\max}", "u_max"),
        _quantity(
            "weight_update_overlap",
            "minus the mean product of a weight and its last update",
            "1",
            r"\overline{-wu}",
            "⟨-wu⟩",
        ),
        _quantity("memory", "steps that the averaged gradient remembers, beta1/(1 - beta1)", "steps", "M_1", "M₁"),
        _quantity("momentum_ms", "mean square of the averaged gradient", "1", r"\overline{m^2}", "⟨m²⟩"),
        _quantity("outward", "mean product of a weight and the averaged gradient met next", "1", r"P", "P"),
        _quantity(
            "cosine", "cosine between the weights and the step they are about to make", "1", r"\cos\vartheta", "cosϑ"
        ),
        _quantity("rotation", "angle by which the weights turn in a step", "1", r"\theta", "θ"),
        _quantity("turn", "sine of the angle by which the weights turn in a step", "1", r"\sin\theta", "sin_θ"),
        _quantity("weight_bound", "what no weight exceeds in the long run", "1", r"w_{\max}", "w_max"),
        _quantity("weight_abs", "absolute value of a weight, or a bound of it", "1", "|w|", "|w|"),
        _quantity("weight_abs_0", "the same before training", "1", "|w_0|", "|w₀|"),
        _quantity("gain", "step per unit of gradient, eta / gradient_std", "1", r"\gamma", "γ"),
        _quantity("decay_rate", "decay per step against noise, eta lmbda / (n gradient_std)", "1", r"\rho", "ρ"),
        _quantity("lag", "number of steps between two updates", "steps", "j", "j", integer=True, positive=True),
        _quantity("lags", "number of steps that are remembered", "steps", "K", "K", integer=True, positive=True),
        _quantity("correlation", "correlation of two Gaussian variables", "1", r"\rho", "ρ"),
        # muon
        _quantity("update_norm", "Frobenius norm of the update's direction", "1", r"\|U\|", "‖U‖"),
        _quantity(
            "linear_share",
            "share of the update's mean square that is linear in Gaussian input",
            "1",
            r"\varphi'(0)",
            "φ'(0)",
        ),
        _quantity(
            "first_rest", "what the correlation of updates one step apart exceeds its linear part by", "1", "r_1", "r₁"
        ),
        # factors
        _quantity("target_singular", "singular value of what a product of factors is fitted to", "1", "s", "s"),
        _quantity("layer_weight", "weight of one factor along a singular direction", "1", "w", "w"),
        _quantity("product", "product of all factors along a singular direction", "1", "p", "p"),
        _quantity("factors", "number of factors that are multiplied", "1", "N", "N"),
        _quantity("extra_factors", "how many of them there are beyond two", "1", "b", "b"),
        # neural_collapse, low_rank_memory
        _quantity("class_size", "examples of each class", "examples", "n_c", "n_c"),
        _quantity("decay_w", "decay of the last layer's weights, L_W/2 |W|^2 in the cost", "1", "L_W", "L_W"),
        _quantity("decay_h", "decay of the features, L_H/2 |H|^2 in the cost", "1", "L_H", "L_H"),
        _quantity("class_weight2", "squared norm of the last layer along one class", "1", r"\|w_c\|^2", "‖w_c‖²"),
        _quantity("class_feature2", "squared norm of all features along one class", "1", r"\|h_c\|^2", "‖h_c‖²"),
        _quantity("missing_share", "share of the old weights that is left", "1", r"\delta", "δ"),
        _quantity("memory_steps", "steps after which that share is left", "steps", "K", "K"),
        _quantity("least_side", "shorter side of the matrix of weights", "1", r"n_{\min}", "n_min"),
        # blocked_sgd
        _quantity("input_index", "number of an input", "1", "i", "i", integer=True, positive=True),
        _quantity("unit_index", "number of a neuron", "1", "c", "c", integer=True, positive=True),
        _quantity("row", "number of an example in its minibatch", "1", "a", "a", integer=True, positive=True),
        _quantity("other_row", "number of another example", "1", "b", "b", integer=True, positive=True),
        _quantity("earlier_step", "number of an earlier step of the block", "1", "r", "r", **_COUNT),
        _quantity("rows", "examples of a minibatch, summed over", "examples", "B", "B", integer=True, positive=True),
        _quantity("units", "neurons of all members, summed over", "1", "h", "h", integer=True, positive=True),
        _quantity("idle_steps", "steps of a block that a member does not take", "steps", "f", "f", **_COUNT),
        _quantity("block_steps", "steps of a block", "steps", "K", "K"),
        _quantity("cells", "members that share the order of the minibatches", "1", "C", "C"),
        _quantity("write_cost", "time to read and write a weight, in operations", "1", r"\tau", "τ"),
        _quantity(
            "rounding",
            "what rounding takes from a factor; at most 2^-25 in float32 between 1/2 and 1",
            "1",
            r"\delta",
            "δ",
        ),
        # rounding
        _quantity(
            "grid", "numbers that a dtype has from one power of 2 to the next, 2^7 in bfloat16", "1", "N_2", "N₂"
        ),
        _quantity("spaces_due", "spaces that decay takes off a weight of 1 in a step, N_2 eps", "1", "a_1", "a₁"),
        _quantity("significand", "a weight over the power of 2 below it", "1", "f", "f"),
        _quantity("spacing", "distance from a weight to the next number of its dtype", "1", "u", "u"),
        _quantity("passed", "share of a space by which a number is above its lower neighbour", "1", r"\varphi", "φ"),
        _quantity("stuck_share", "share of the weights that nearest rounding never moves", "1", "x_*", "x_*"),
        # box_constraint, grokking
        _quantity("box_share", "size of a weight over the bound of its box, L|w|", "1", "u", "u"),
        _quantity("gradient_factor", "factor per step of a gradient that goes to 0", "1", "r_g", "r_g"),
        _quantity(
            "hidden_mem", "squared norm of what no data see, when they are fitted", "1", r"E_{\mathrm{mem}}", "E_mem"
        ),
        _quantity("hidden_post", "the same when it no longer spoils the test", "1", r"E_{\mathrm{post}}", "E_post"),
        _quantity("norm2_rest", "squared norm of the weights that the data hold", "1", "F", "F"),
        # blocked_momentum
        _quantity("velocity_0", "velocity of one weight at the start of a block", "1", "v_0", "v₀", **_REAL),
        _quantity("weight_kept", "what a step leaves of a weight without velocity", "1", "A_{ww}", "A_ww", **_REAL),
        _quantity("velocity_share", "what a step takes off a weight per velocity", "1", "c_v", "c_v"),
        _quantity("gradient_share", "what a step takes off a weight per gradient", "1", "c_g", "c_g"),
        _quantity("velocity_pull", "what a step adds to a velocity per weight", "1", "A_{vw}", "A_vw", **_REAL),
        _quantity("velocity_kept", "what a step leaves of a velocity", "1", "A_{vv}", "A_vv", **_REAL),
        _quantity("slow_mix", "weight in the slow mode, beside a velocity", "1", "p_+", "p₊", **_REAL),
        _quantity("fast_mix", "weight in the fast mode, beside a velocity", "1", "p_-", "p₋", **_REAL),
        # cautious_decay
        _quantity("update_abs", "mean absolute value of the update's direction", "1", r"\overline{|u|}", "⟨|u|⟩"),
        _quantity("lean", "rho/sqrt(1 - rho^2), rho the correlation of a weight with its next step", "1", "c", "c"),
        _quantity("optimum", "weight at which the cost of the data is least", "1", "w^*", "w*"),
        _quantity("bias", "how far before its optimum a weight rests", "1", "b", "b"),
        _quantity("gap_0", "distance of a weight from its optimum at the start", "1", "d_0", "d₀"),
        # corrected_decay
        _quantity("eta_peak", "largest learning rate of the run", "1", r"\eta_{\max}", "η_max"),
        _quantity("epsilon_peak", "decay per step at the largest rate", "1", r"\varepsilon_{\max}", "ε_max"),
        _quantity("excess", "mean square or squared norm over its target, less 1", "1", r"\delta", "δ"),
        _quantity("run_decay", "decay of a whole run at its largest rate, eta L T", "1", "X", "X"),
    )
}


def describe(symbol: sp.Symbol | str) -> Quantity:
    """Return the `Quantity` behind a symbol or its name.

    Parameters
    ----------
    symbol : sympy.Symbol or str
        The symbol.

    Returns
    -------
    Quantity

    Raises
    ------
    KeyError
        If no such symbol is known.

    Examples
    --------
    >>> describe("eta").meaning
    'learning rate'
    """
    return QUANTITIES[str(symbol)]


def symbols(names: str) -> tuple[sp.Symbol, ...]:
    """Return the symbols of the blank-separated `names`.

    Parameters
    ----------
    names : str
        Names that are keys of `QUANTITIES`, the table of all symbols in this file.

    Returns
    -------
    tuple of sympy.Symbol

    Raises
    ------
    KeyError
        If a name is unknown.

    Examples
    --------
    >>> symbols("eta lmbda")
    (eta, lmbda)
    """
    return tuple(QUANTITIES[name].symbol for name in names.split())


LATEX_NAMES = {quantity.symbol: quantity.latex for quantity in QUANTITIES.values()}
UNICODE_NAMES = {quantity.symbol: quantity.unicode for quantity in QUANTITIES.values()}
