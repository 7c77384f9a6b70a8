"""Runs as other tools read them, one module a format.

job            which format, where to, with what choice
reading        the outcomes of a run, once each, with a bar where reading takes its time
output         a file that is there whole or not at all
samples        which episodes are fit to train on, and which of them are taken
parquet        one row an episode, for pandas, polars and DuckDB
sft            conversations that TRL's SFTTrainer learns from
dpo            pairs that TRL's DPOTrainer learns from
inspect_log    a log that Inspect reads and shows
verifiers_log  traces of the package `verifiers`
"""

from llm_envs.evals.export.job import FORMATS, Choice, Exported, export

__all__ = ["FORMATS", "Choice", "Exported", "export"]
