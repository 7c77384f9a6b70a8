"""`llm/MathData-v0`: questions of data sets, one module a step.

files     rows of a local file: JSONL, JSON, CSV, parquet
hub       rows of a data set on the Hugging Face Hub
layouts   what their columns mean: GSM8K, MATH, AIME, AMC, or columns that are named
dataset   rows to problems, checked once and shared
order     which problem a seed and an index meet
env       the env
samples/  a few problems in each layout, written for this project
"""

from llm_envs.envs.math_data.env import MathData

__all__ = ["MathData"]
