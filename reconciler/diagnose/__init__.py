"""Find out why an integrator's program is refused: small checks in order, each with its cause and remedy."""
