"""A run's reward curve as a picture."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from llm_envs.trainers.run import Run

__all__ = ["plot_curve"]

_SIZE_INCHES = (7.0, 4.0)


def plot_curve(run: Run) -> Path:
    """Draw training and validation reward over the steps into `reward.png`; its path."""
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(xlabel="step", ylabel="mean reward", ylim=(0, 1), title=f"{run.config()['env']}")
    for name, style in (("reward", "-"), ("validation_reward", "o-")):
        points = [(int(row["step"]), float(row[name])) for row in run.metrics() if row.get(name)]
        if points:
            axes.plot(*zip(*points, strict=True), style, label=name.replace("_", " "), alpha=0.8, markersize=3)
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend()
    path = run.folder / "reward.png"
    figure.savefig(path, dpi=120, metadata={"Software": None})
    return path
