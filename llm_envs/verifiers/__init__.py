"""Verifiers: an answer and a reference in, a Verdict out. One file or folder is one verifier."""
