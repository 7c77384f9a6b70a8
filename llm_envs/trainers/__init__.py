"""Training: one file, one algorithm. Nothing is imported here: trainers need the extra `train`."""
