"""Numbers one may quote: pure functions over arrays of rewards, numpy alone.

Axes: `T` counts tasks, `K` samples of a task. A reward that is not there, because infrastructure failed or because the
episode has not been played, is nan: never 0. Tasks are the units that were drawn; samples of one task resemble each
other, so that every interval here is one over tasks.
"""
