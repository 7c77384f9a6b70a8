"""What a family of worlds brings into a world of two: tables, tools, rules and what counts as the same.

Nothing is written anew here: tables are united, rules are numbered on, and tools that two families call by one name get
the noun of their domain behind it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from llm_envs.envs.tools.bank import rules as bank_rules
from llm_envs.envs.tools.bank import service as bank
from llm_envs.envs.tools.bank.env import Bank
from llm_envs.envs.tools.calendar import rules as calendar_rules
from llm_envs.envs.tools.calendar import service as calendar
from llm_envs.envs.tools.files import rules as files_rules
from llm_envs.envs.tools.files import service as files
from llm_envs.envs.tools.files.env import Files
from llm_envs.envs.tools.mail import rules as mail_rules
from llm_envs.envs.tools.mail import service as mail
from llm_envs.envs.tools.scenario import CLOSING, refuse, submit
from llm_envs.tools import Tool
from llm_envs.verifiers.state import Canonical
from llm_envs.world import Row, Rows, Tables

__all__ = ["BANK", "CALENDAR", "FILES", "MAIL", "Domain", "beside_mail", "rules_of", "tools_of", "united"]

_RULE = re.compile(r"\bR(\d+)\b")
_BOTH = "Whoever writes to you is one person in all of this. What is asked may need both, and all of these rules hold."


@dataclass(frozen=True, slots=True)
class Domain:
    """One family's part.

    Args:
        noun: what its tools are about.
        role: what the agent is, and how it acts.
        rules: numbered from R1 on.
        notes: what else holds.
    """

    noun: str
    role: str
    rules: str
    notes: str
    tables: Tables
    tools: tuple[Tool, ...]
    canonical: Canonical = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Of its rules."""
        return len(re.findall(r"^R\d+\.", self.rules, re.MULTILINE))


MAIL = Domain("mail", mail_rules.ROLE, mail_rules.RULES, mail_rules.NOTES, mail.TABLES, mail.TOOLS, mail.CANONICAL)
CALENDAR = Domain(
    "meeting", calendar_rules.ROLE, calendar_rules.RULES, calendar_rules.NOTES, calendar.TABLES, calendar.TOOLS
)
BANK = Domain("money", bank_rules.ROLE, bank_rules.RULES, bank_rules.NOTES, bank.TABLES, bank.TOOLS, Bank.canonical)
FILES = Domain("file", files_rules.ROLE, files_rules.RULES, "", files.TABLES, files.TOOLS, Files.canonical)


def rules_of(*domains: Domain) -> str:
    """What the agent is told of all of them; the rules of each go on counting where the last one's end."""
    parts, before = [], 0
    for domain in domains:
        told = "\n".join(filter(None, (domain.role, domain.rules, domain.notes)))
        parts.append(_counted_on(told, before))
        before += domain.count
    return "\n\n".join([*parts, f"{_BOTH}\n{CLOSING}"])


def _counted_on(text: str, before: int) -> str:
    return _RULE.sub(lambda match: f"R{int(match[1]) + before}", text)


def beside_mail(rule: str) -> str:
    """What a rule is called where those of mail come first."""
    return _counted_on(rule, MAIL.count)


def tools_of(*domains: Domain) -> tuple[Tool, ...]:
    """All tools of all of them, and the two that end an episode."""
    counts = Counter(tool.name for domain in domains for tool in domain.tools)
    named = [
        replace(tool, name=f"{tool.name}_{domain.noun}") if counts[tool.name] > 1 else tool
        for domain in domains
        for tool in domain.tools
    ]
    return (*named, submit, refuse)


def united(*parts: Rows) -> dict[str, list[Row]]:
    """The rows of all of them, by table."""
    found: dict[str, list[Row]] = {}
    for part in parts:
        for table, rows in part.items():
            found.setdefault(table, []).extend(map(dict, rows))
    return found
