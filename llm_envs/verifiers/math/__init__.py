"""The math verifier, layer by layer: extract, normalise, parser, exact, numeric, compare, symbolic, verify."""
