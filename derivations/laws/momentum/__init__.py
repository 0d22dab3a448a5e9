"""SGD with momentum: heavy ball and Nesterov, their moments and norms."""
