"""Draws a race: ``python plot.py race.json race.svg``. Readable on light and on dark pages, and without colours."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

# In the middle between a white page and a dark one.
GREY = "#7d8590"
TITLE: dict[str, Any] = {"fontsize": 8, "color": GREY, "loc": "left"}
OURS, PEER, WASTE = "#2f81f7", "#8b949e", "#d1652d"
NAMES = {
    "ours": "ours, one process",
    "deployed": "ours, workflow",
    "aepp": "aepp script",
    "httpx": "httpx script",
    "looking": "httpx, looks first",
}


def draw(results: dict[str, Any], picture: Path) -> None:
    """Four panels: calls and time where nothing happens; starts and what is left over where answers are lost."""
    mpl.rcParams.update(
        {
            "svg.hashsalt": "race",
            "svg.fonttype": "path",
            "font.size": 9,
            "text.color": GREY,
            "axes.labelcolor": GREY,
            "xtick.color": GREY,
            "ytick.color": GREY,
        }
    )
    clear, lost = results["undisturbed"]["datasets"], list(results["lost"].values())
    keys = list(clear)
    names = [NAMES[key] for key in keys]
    colours = [OURS if key in {"ours", "deployed"} else PEER for key in keys]
    figure, (calls, wall, starts, waste) = plt.subplots(1, 4, figsize=(9.6, 2.4), sharey=True)
    _bars(calls, names, [clear[key]["calls"] for key in keys], colours)
    calls.set_title("calls to Adobe,\none delivery of datasets", **TITLE)
    ratios = [round(clear[key]["wall"] / clear[keys[0]]["wall"], 2) for key in keys]
    _bars(wall, names, ratios, colours)
    wall.set_title("time, times ours,\none delivery of datasets", **TITLE)
    answers = sum(course[keys[0]]["deliveries"] for course in lost)
    _bars(starts, names, [sum(course[key]["starts"] for course in lost) for key in keys], colours)
    starts.set_title(f"started by hand for {answers}\ndeliveries, {answers} answers lost", **TITLE)
    left = [sum(sum(course[key]["left_over"].values()) for course in lost) for key in keys]
    _bars(waste, names, left, [WASTE] * len(keys))
    waste.set_title(f"too many things in Adobe,\n{answers} answers lost", **TITLE)
    calls.invert_yaxis()
    figure.tight_layout(w_pad=2)
    figure.savefig(picture, transparent=True, metadata={"Date": None})


def _bars(axes: Axes, names: list[str], values: list[float], colours: list[str]) -> None:
    bars = axes.barh(names, values, color=colours, height=0.6)
    axes.bar_label(bars, labels=[f"{value:g}" for value in values], padding=3, color=GREY)
    axes.set_xlim(0, max(*values, 1) * 1.3)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(GREY)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2]))
