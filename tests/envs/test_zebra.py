"""`llm/Zebra-v0`: what the clues say in English has one solution, and each clue is needed."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from statistics import mean

import gymnasium as gym
import pytest
from solvers.zebra import Street

from llm_envs.envs.puzzles.people import ATTRIBUTES
from llm_envs.envs.puzzles.street import RELATIONS, Clue, deduce, free, is_settled

SIZES = ((3, 3), (3, 4), (4, 4), (5, 4), (5, 5), (6, 6))
PUZZLES = (40, 40, 30, 20, 15, 6)
HOLDS = {
    "same": lambda a, b: a == b,
    "different": lambda a, b: a != b,
    "directly left of": lambda a, b: b == a + 1,
    "left of": lambda a, b: a < b,
    "next to": lambda a, b: abs(a - b) == 1,
    "two from": lambda a, b: abs(a - b) == 2,
}
by_level = pytest.mark.parametrize("difficulty", range(6))


def opened(difficulty, index=0, **options):
    """The env at one of its tasks."""
    env = gym.make("llm/Zebra-v0", difficulty=difficulty, **options).unwrapped
    env.reset(seed=6, options={"index": index})
    return env


def puzzles(difficulty, count):
    """The first tasks at a level."""
    env = opened(difficulty)
    for index in range(count):
        env.reset(seed=6, options={"index": index})
        yield env.task


def houses_of(mask):
    """The houses in a mask."""
    return [house for house in range(mask.bit_length()) if mask >> house & 1]


def clues_of(task):
    """The clues as the package has them."""
    return [Clue(*clue) for clue in task.metadata["clues"]]


@by_level
def test_the_english_has_one_solution(difficulty):
    """All permutations, held against what the sentences say, leave the answer and nothing else."""
    for task in puzzles(difficulty, PUZZLES[difficulty]):
        assert Street(task.prompt).solutions() == [task.answer]


@pytest.mark.parametrize(("difficulty", "share"), [(0, 0.1), (1, 0.1), (2, 0.1), (3, 0.1), (4, 0.25)])
def test_few_clues_could_be_left_out(difficulty, share):
    """Taken out one after the other, as long as there is one solution, few clues go."""
    told = gone = 0
    for task in puzzles(difficulty, 8):
        street = Street(task.prompt)
        idle = set()
        for number in range(len(street.clues)):
            if len(street.solutions(without=idle | {number})) == 1:
                idle.add(number)
        told, gone = told + len(street.clues), gone + len(idle)
    assert gone <= share * told


@by_level
def test_deduction_needs_every_clue_and_nothing_else(difficulty):
    """All clues settle every item without supposing anything; without any one of them, some item stays open."""
    houses, attributes = SIZES[difficulty]
    for task in puzzles(difficulty, 5):
        clues = clues_of(task)
        domains = free(houses, attributes)
        deduce(domains, clues, houses)
        assert is_settled(domains)
        for clue in clues:
            domains = free(houses, attributes)
            deduce(domains, [other for other in clues if other != clue], houses)
            assert not is_settled(domains)


@by_level
def test_levels_are_as_the_card_says(difficulty):
    """Houses and attributes, the name always one of them, and no house by its number on the upper levels."""
    houses, attributes = SIZES[difficulty]
    for task in puzzles(difficulty, 15):
        assert (len(task.answer), len(task.answer[0])) == (houses, attributes)
        assert task.metadata["attributes"][0] == "name"
        told = task.prompt.split("\n\n")[1]
        assert difficulty < 4 or "lives in house" not in told
        assert difficulty > 1 or not re.search(r"next to| not |somewhere|between", told)


def test_every_relation_is_used():
    """The upper levels say all there is to say, and the lower ones give numbers of houses."""
    used = Counter(clue.relation for level in (0, 2, 4) for task in puzzles(level, 20) for clue in clues_of(task))
    assert set(used) == {"in", *RELATIONS}


def test_levels_take_more_work():
    """There are more cells to fill at each level, and more clues to hold together."""
    clues = [mean(len(task.metadata["clues"]) for task in puzzles(level, 15)) for level in range(6)]
    assert clues == sorted(clues)
    assert clues[5] > 4 * clues[0]


def test_the_words_are_apart():
    """No two values are one word, none is a word of the clues' own, and there are enough for every level."""
    values = [value for attribute in ATTRIBUTES for value in attribute.values]
    assert len(set(values)) == len(values)
    assert all(value.isalpha() and value.isascii() for value in values)
    frames = (
        " ".join(f"{a.subject} {a.is_so} {a.is_not} {a.name}" for a in ATTRIBUTES) + " lives next to the left of house"
    )
    assert not set(values) & set(re.findall(r"\w+", frames))
    assert all(len(attribute.values) >= 6 for attribute in ATTRIBUTES)
    assert len(ATTRIBUTES) >= 6


@pytest.mark.parametrize("relation", RELATIONS)
def test_relations_exclude_what_they_must(relation):
    """A domain loses exactly the houses for which the other has none: all pairs of domains over four houses."""
    for masks in itertools.product(range(1, 16), repeat=2):
        pairs = [pair for pair in itertools.product(*map(houses_of, masks)) if HOLDS[relation](*pair)]
        first, second = RELATIONS[relation](*masks)
        assert houses_of(first & 15) == sorted({a for a, _ in pairs})
        assert houses_of(second & 15) == sorted({b for _, b in pairs})


def test_houses_are_uniform():
    """Over 600 tasks of three houses Alice lives in each of them about equally often."""
    lives = Counter(house for task in puzzles(0, 600) for house, row in enumerate(task.answer) if row[0] == "Alice")
    assert all(abs(times - lives.total() / 3) < 4 * (lives.total() / 3) ** 0.5 for times in lives.values())


def test_guessing_a_table_does_not_pay():
    """The table of the values in the order of the prompt is right in fewer than one of a hundred tasks."""
    tasks = list(puzzles(0, 300))
    assert sum(task.answer == [list(row) for row in zip(*task.metadata["values"], strict=True)] for task in tasks) < 3


@by_level
def test_partial_credit_is_the_share_of_cells(difficulty):
    """Exchanging two people's names makes two cells wrong."""
    env = opened(difficulty, rubric={"partial": 0.4})
    rows = [list(row) for row in env.task.answer]
    rows[0][0], rows[1][0] = rows[1][0], rows[0][0]
    houses, attributes = SIZES[difficulty]
    verdict = env.verify(env.task, "\n".join(map(", ".join, rows)))
    assert verdict.reward == pytest.approx(0.4 * (1 - 2 / (houses * attributes)))
    assert env.verify(env.task, "I do not know.").reward == 0.0


@by_level
def test_solutions_are_worked(difficulty):
    """The steps find every value's house once, rightly, and name clues that there are."""
    env = opened(difficulty, 2)
    (reply,) = env.demonstrate(env.task)
    steps = reply.partition("\n\\boxed")[0].split("\n")
    houses, attributes = SIZES[difficulty]
    place = {value: house for house, row in enumerate(env.task.answer, 1) for value in row}
    found = {}
    for step in steps:
        (value,) = (word for word in re.findall(r"\w+", step) if word in place)
        found[value] = int(re.search(r"house (\d)\.$", step)[1])
        clue = re.match(r"By clue (\d+), ", step)
        assert clue is None or 1 <= int(clue[1]) <= len(env.task.metadata["clues"])
    assert found == place
    assert len(steps) == houses * attributes
