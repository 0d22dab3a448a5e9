"""How it is stepped: update rules, each with its coefficients and the way it decays."""
