"""Runs as other tools read them, one module a format.

job            which format, where to, with what choice
choice         which episodes an export for training takes
output         a file that is there whole or not at all
samples        which episodes are fit to train on, and how some of them are drawn
parquet        one row an episode, for pandas, polars and DuckDB
sft            conversations that TRL's SFTTrainer learns from
dpo            pairs that TRL's DPOTrainer learns from
inspect_log    a log that Inspect reads and shows
verifiers_log  traces of the package `verifiers`
"""

from llm_envs.evals.export.job import FORMATS, Choice, Exported, export

__all__ = ["FORMATS", "Choice", "Exported", "export"]
