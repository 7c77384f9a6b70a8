"""The templates, one file for each topic."""
