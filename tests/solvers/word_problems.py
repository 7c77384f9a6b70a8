"""Solvers of the word problems: each sentence is read by itself, and what it says is computed or solved for."""

from __future__ import annotations

import re

import sympy

WHO = r"((?:the )?\w+(?: (?:farm|library|shop))?)"
FACTORS = {"twice": 2, "three times": 3, "four times": 4}
PARTS = {"half": 2, "a third": 3, "a quarter": 4, "a fifth": 5}
SHARES = {f"{part} as many": sympy.Rational(1, parts) for part, parts in PARTS.items()}
SHARES |= {f"{times} as many": sympy.Integer(factor) for times, factor in FACTORS.items()}


def follow_story(question):
    """Facts are equations in what each has at first; events change what each has now."""
    sentences = re.findall(r"[^.?]+[.?]", question.lower())
    asked = " ".join(sentences[next(i for i, s in enumerate(sentences) if re.search(r"how many|in the end", s)) :])
    world = _World()
    for sentence in sentences:
        world.hear(sentence.strip())
    return world.answer(asked.strip())


class _World:
    def __init__(self):
        self.start, self.now, self.equations = {}, {}, []

    def of(self, name):
        """What somebody has now; at first, a symbol."""
        name = name.strip()
        if name not in self.now:
            self.now[name] = self.start[name] = sympy.Symbol(name)
        return self.now[name]

    def hear(self, sentence):
        """Take in one sentence; those without a pattern are asides."""
        for pattern, act in _PATTERNS:
            if match := re.fullmatch(pattern, sentence):
                act(self, *match.groups())
                return

    def equal(self, left, right):
        """Note an equation."""
        self.equations.append(left - right)

    def gain(self, name, more):
        """Somebody has more now."""
        self.now[name] = self.of(name) + more

    def answer(self, asked):
        """Solve for what was had at first, and find what is asked for."""
        values = sympy.solve(self.equations, list(self.start.values()), dict=True)[0]
        now = {name: amount.subs(values) for name, amount in self.now.items()}
        if match := re.fullmatch(rf"how many more .* does {WHO} have than {WHO} now\?", asked):
            return now[match[1]] - now[match[2]]
        if match := re.fullmatch(rf"how many .* did {WHO} have at first\?", asked):
            return values[self.start[match[1]]]
        if match := re.fullmatch(rf"in the end all of {WHO}'s .* are sold for (\d+) coins each\..*", asked):
            return now[match[1]] * int(match[2])
        total = sum(now[name] for name in names(re.search(r"(?:do|in the end) (.*?) (?:have|pack)", asked)[1]))
        if size := re.search(r"boxes that hold (\d+) each", asked):
            return sympy.ceiling(sympy.Rational(total, int(size[1])))
        return total


def names(text):
    """Of a list in words."""
    return re.split(r", | and ", text)


_PATTERNS = (
    (
        rf"{WHO} has (\d+) (more|fewer) .* than {WHO}\.",
        lambda world, a, n, sign, b: world.equal(world.of(a), world.of(b) + int(n) * (1 if sign == "more" else -1)),
    ),
    (
        rf"{WHO} has as many .* as {WHO} and {WHO} together\.",
        lambda world, a, b, c: world.equal(world.of(a), world.of(b) + world.of(c)),
    ),
    (
        rf"{WHO} has ({'|'.join(SHARES)}) .* as {WHO}\.",
        lambda world, a, share, b: world.equal(world.of(a), SHARES[share] * world.of(b)),
    ),
    (
        r"(?:altogether|now),? (.*) have (\d+) .*\.",
        lambda world, all_of, n: world.equal(sum(world.of(name) for name in names(all_of)), int(n)),
    ),
    (rf"then {WHO} gives (\d+) .* to {WHO}\.", lambda world, a, n, b: (world.gain(a, -int(n)), world.gain(b, int(n)))),
    (rf"then {WHO} buys (\d+) boxes of (\d+) .*", lambda world, a, n, k: world.gain(a, int(n) * int(k))),
    (rf"then {WHO} buys (\d+) dozen .*", lambda world, a, n: world.gain(a, 12 * int(n))),
    (rf"over the next (\d+) weeks, {WHO} gets (\d+) .*", lambda world, w, a, n: world.gain(a, 7 * int(w) * int(n))),
    (rf"then {WHO} loses (\d+) .*", lambda world, a, n: world.gain(a, -int(n))),
    (
        rf"then ({'|'.join(PARTS)}) of {WHO}'s .* are given away\.",
        lambda world, part, a: world.gain(a, -world.of(a) / PARTS[part]),
    ),
    (rf"{WHO} has (\d+) (?!rabbits|windows)[\w ]*\.", lambda world, a, n, *_: world.equal(world.of(a), int(n))),
)

SOLVERS = {
    "story": follow_story,
}
