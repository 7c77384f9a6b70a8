"""A package, so that its `test_math` and that of the verifiers are two modules."""
