"""Token ids in, token ids and log-probabilities out. Nothing is imported here: some policies need optional extras."""
