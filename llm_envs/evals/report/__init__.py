"""The report: a run as one page that opens from file://, with nothing to fetch and nothing to install.

    build.py        writes report.html
    pages.py        a run as the page wants it: columns to look through, transcripts to open
    columns.py      one value for each episode, by column
    chunks.py       transcripts, compressed some hundreds at a time
    transcript.py   one episode, whole
    vocabulary.py   what token ids say
    picture.py      the files of an episode, inside the page where they are small images
    page.py         joins page.html, page.css and the scripts, under a content security policy
    *.js            one noun a file, joined in the order that page.py gives

What it deliberately does not do: statistics. Figures with intervals are those of `llm_envs.evals.summary`; the page
only works out what a filter asks for.
"""

from llm_envs.evals.report.build import build

__all__ = ["build"]
