"""The benchmark harness: evaluate any model on any env, lose nothing, see everything."""
