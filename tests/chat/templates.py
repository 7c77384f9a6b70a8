"""Chat templates as people ship them: where they are found, and real tokenizers built around them.

The texts are read where packages have put them, and never copied into the repository. TRL brings some; more are in the
source distribution of llama-cpp-python, which `python tests/chat/templates.py` fetches into `.cache/`.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

CACHE = Path(os.environ.get("LLM_ENVS_CACHE", Path(__file__).parents[2] / ".cache")) / "chat_templates"
FETCHED_PACKAGE = "llama-cpp-python"
IN_PACKAGE = "/vendor/llama.cpp/models/templates/"

FETCH_COMMAND = "python tests/chat/templates.py"

_CONTROL = re.compile(
    r"<[|｜][^<>|｜\s]{1,60}[|｜]?>|<[^<>|=\s]{1,30}\|>|〈\|\w+\|〉|</?[A-Za-z_][\w:.-]{0,40}>|\[/?[A-Z_]{3,30}\]|\[g?MASK\]|\]~!?b\[|\]~b\]|\[e~\["
)
"""Strings that look like a control token; a `=` inside marks an XML parameter, which is none."""

_TRAINING_TEXT = ["the quick brown fox\n\nuser assistant system tool", ' hello {"name": "look"} 1 2 3', "été ½ 东京\n"]


def installed() -> dict[str, str]:
    """Templates that the installed TRL brings, by name."""
    spec = importlib.util.find_spec("trl")
    if spec is None or not spec.submodule_search_locations:
        return {}
    return _read("trl", Path(spec.submodule_search_locations[0]) / "chat_templates")


def fetched() -> dict[str, str]:
    """Templates in the cache, by name; empty until they have been fetched."""
    return _read("llama.cpp", CACHE)


def distinct(templates: dict[str, str]) -> dict[str, str]:
    """Each text once, under its first name."""
    first_names = {text: name for name, text in reversed(templates.items())}
    return {name: text for name, text in templates.items() if first_names[text] == name}


def _read(origin: str, folder: Path) -> dict[str, str]:
    return {f"{origin}/{path.stem}": path.read_text("utf-8") for path in sorted(folder.glob("*.jinja"))}


def fetch() -> int:
    """Fill the cache from the source distribution; how many templates it holds then."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--no-binary", FETCHED_PACKAGE, "--dest", folder, FETCHED_PACKAGE], check=True)
        for archive in Path(folder).glob("*.tar.gz"):
            _unpack(archive)
    return len(fetched())


def _unpack(archive: Path) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as members:
        for member in members:
            if IN_PACKAGE in member.name and member.name.endswith(".jinja"):
                source = members.extractfile(member)
                if source is not None:
                    (CACHE / Path(member.name).name).write_bytes(source.read())


@cache
def _trained() -> str:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(_TRAINING_TEXT * 3, trainer)
    return tokenizer.to_str()


def control_strings(rendered: list[str]) -> list[str]:
    """What looks like a control token in rendered conversations."""
    return sorted({found for text in rendered for found in _CONTROL.findall(text)})


def tokenizer_with(template: str, controls: list[str], eos: str = "<eos>"):
    """A byte-level BPE tokenizer whose added tokens are `controls`; those with bars or capitals are special."""
    from tokenizers import AddedToken, Tokenizer
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer.from_str(_trained())
    names = dict.fromkeys(("<bos>", "<eos>", eos, *controls))
    backend.add_tokens(
        [AddedToken(name, special=not re.fullmatch(r"</?[a-z_]+>", name), normalized=False) for name in names]
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<bos>", eos_token=eos)
    tokenizer.chat_template = template
    return tokenizer


if __name__ == "__main__":
    sys.stdout.write(f"{fetch()} chat templates in {CACHE}\n")
