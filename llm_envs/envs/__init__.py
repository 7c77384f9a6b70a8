"""Envs: one file or folder is one family. Nothing is imported here; the registry knows where each one is."""
