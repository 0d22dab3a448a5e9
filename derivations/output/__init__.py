"""From an expression to a number, NumPy, JAX, JavaScript, LaTeX, MathML, text and a notebook."""
