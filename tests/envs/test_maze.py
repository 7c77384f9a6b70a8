"""`llm/Maze-v0`: the decision process of its card; value iteration says what is optimal, and what is paid."""

from __future__ import annotations

import random
import re
from collections import Counter
from statistics import mean

import gymnasium as gym
import numpy as np
import pytest
from solvers.maze import ASIDE, DISCOUNT, GOAL_REWARD, MOVES, World

from llm_envs.envs.puzzles.labyrinth import carve, distances
from llm_envs.errors import BadOption
from llm_envs.testing import EnvTests
from llm_envs.types import StopReason

SIDES = (5, 6, 7, 8, 7, 9)
BACK = {"up": "down", "down": "up", "left": "right", "right": "left"}
by_level = pytest.mark.parametrize("difficulty", range(6))


class TestMazeWithParts(EnvTests):
    env_id = "llm/Maze-v0"
    options = {"pace_weight": 0.2, "partial_weight": 0.2, "difficulty": 1}  # noqa: RUF012 (as declared)


def opened(difficulty, index=0, **options):
    """The env at one of its tasks."""
    env = gym.make("llm/Maze-v0", action="turn", obs="text", difficulty=difficulty, **options).unwrapped
    env.reset(seed=3, options={"index": index})
    return env


def say(env, reply):
    """What the world answers, or why the episode ended."""
    _, _, terminated, truncated, info = env.step(reply)
    return info["stop_reason"] if terminated or truncated else env.session.messages[-1]["content"]


def position_in(said):
    """The row and column that the world names."""
    return tuple(map(int, re.search(r"You are at row (\d+), column (\d+)\.", said).groups()))


def moves_left_in(said):
    """The moves that the world says are left."""
    return int(re.search(r"(\d+) moves? left", said)[1])


@by_level
def test_every_demonstrated_move_is_optimal(difficulty):
    """Wherever the world says that the walker stands, each move made is worth as much as the best one."""
    for index in range(6):
        env = opened(difficulty, index)
        world = World(env.task.prompt)
        values = world.values()
        at = world.start
        for reply in env.demonstrate(env.task):
            for move in reply.split():
                best = max(world.worth(values, at, other) for other in MOVES)
                assert world.worth(values, at, move) == pytest.approx(best, abs=1e-8)
                at = world.to(at, move)
            said = say(env, reply)
            at = world.goal if said == "solved" else position_in(said)
        assert at == world.goal


@pytest.mark.parametrize("difficulty", range(4))
def test_the_return_is_that_of_the_decision_process(difficulty):
    """Without slips the demonstration takes the fewest moves, and the goal is worth what value iteration says."""
    for index in range(6):
        env = opened(difficulty, index)
        world = World(env.task.prompt)
        (reply,) = env.demonstrate(env.task)
        moves = len(reply.split())
        assert moves == env.task.answer == world.fewest()
        assert world.values()[world.start] == pytest.approx(GOAL_REWARD * DISCOUNT ** (moves - 1))


@by_level
def test_pace_is_the_return_as_a_share_of_the_best(difficulty):
    """Detours are discounted: what is paid is the return of the moves made, divided by that of the fewest."""
    env = opened(difficulty, 1, pace_weight=0.4)
    world = World(env.task.prompt)
    wasted = 2
    for _ in range(wasted):
        said = say(env, "?")
    made = wasted + walk(env, world, position_in(said))
    gained, best = (GOAL_REWARD * DISCOUNT ** (moves - 1) for moves in (made, world.fewest()))
    assert env.session.verdict.correct
    assert env.session.verdict.reward == pytest.approx(0.6 + 0.4 * gained / best)
    assert env.session.verdict.reward < 1.0


def walk(env, world, at):
    """Go a shortest way to the goal, one move a turn; how many moves it took."""
    made, said = 0, ""
    while said != "solved":
        said = say(env, route(world, at)[0])
        made += 1
        at = at if said == "solved" else position_in(said)
    return made


def route(world, start):
    """The moves of a shortest way to the goal."""
    ways = {start: []}
    for at in (queue := [start]):
        for move in MOVES:
            there = world.to(at, move)
            if there not in ways:
                ways[there] = [*ways[at], move]
                queue.append(there)
    return ways[world.goal]


@by_level
def test_the_world_does_what_the_prompt_says(difficulty):
    """Moves at random: each ends where the prompt's maze lets it, aside only where the floor is slippery."""
    env = opened(difficulty, 2)
    world = World(env.task.prompt)
    rng = random.Random(difficulty)
    at, left = world.start, world.moves
    for _ in range(world.moves - 1):
        move = rng.choice(list(MOVES))
        said = say(env, move)
        if said == "solved":
            return
        now = position_in(said)
        if "slipped" in said:
            assert world.slip
            assert now in {world.to(at, way) for way in ASIDE[move]}
        else:
            assert now == world.to(at, move)
        assert (f"Going {move} you met a wall." in said) == (now == at and "slipped" not in said)
        assert moves_left_in(said) == left - 1
        at, left = now, left - 1


@pytest.mark.parametrize("difficulty", [4, 5])
def test_one_move_in_five_slips(difficulty):
    """Over thousands of moves a tenth go to the left and a tenth to the right."""
    slips = Counter()
    env = opened(difficulty)
    for index in range(60):
        env.reset(seed=1, options={"index": index})
        slips.update(env.task.metadata["slips"])
    total = sum(slips.values())
    assert total > 3000
    assert abs(slips["<"] / total - 0.1) < 0.02
    assert abs(slips[">"] / total - 0.1) < 0.02


@pytest.mark.parametrize("difficulty", range(4))
def test_lower_levels_do_not_slip(difficulty):
    """No move of theirs goes aside."""
    env = opened(difficulty)
    assert set(env.task.metadata["slips"]) == {"."}
    assert "slip" not in env.task.prompt


@by_level
def test_levels_are_as_the_card_says(difficulty):
    """The rooms, the way from S that is farthest, and the moves that there are."""
    for index in range(10):
        env = opened(difficulty, index)
        world = World(env.task.prompt)
        assert len(env.task.metadata["maze"]) == 2 * SIDES[difficulty] + 1
        fewest = world.fewest()
        assert fewest == max(distances(env.task.metadata["maze"], tuple(env.task.metadata["start"])).values())
        allowed = (2.0 * fewest, 1.5 * fewest, 1.25 * fewest, fewest + 2, 2.0 * fewest + 20, 2.0 * fewest + 20)
        assert world.moves == int(allowed[difficulty])


def test_levels_take_more_work():
    """What a search from S visits before it finds G grows, among the mazes without slips and those with them."""
    floors = []
    for difficulty in range(6):
        env = opened(difficulty)
        visited = []
        for index in range(40):
            env.reset(seed=2, options={"index": index})
            visited.append(len(World(env.task.prompt).floor))
        floors.append(mean(visited))
    assert floors[:4] == sorted(floors[:4])
    assert floors[4] < floors[5]


@by_level
def test_wandering_does_not_pay(difficulty):
    """Moves at random reach the goal in fewer than one episode in twenty."""
    rng = random.Random(difficulty)
    worlds = [World(opened(difficulty, index).task.prompt) for index in range(60)]
    assert sum(wander(world, rng) for world in worlds) < 3


def wander(world, rng):
    """Whether moves at random find the goal in time."""
    at = world.start
    for _ in range(world.moves):
        places, chances = zip(*world.outcomes(at, rng.choice(list(MOVES))), strict=True)
        (at,) = rng.choices(places, chances)
        if at == world.goal:
            return True
    return False


@pytest.mark.parametrize("seed", range(20))
def test_trees_have_one_way_between_any_two_rooms(seed):
    """Rooms and doors without opened walls make a tree: all connected, and one door fewer than rooms."""
    maze = carve(np.random.default_rng(seed), 6, 0.0)
    floor = {(r, c) for r, row in enumerate(maze) for c, cell in enumerate(row) if cell != "#"}
    rooms = {(r, c) for r, c in floor if r % 2 and c % 2}
    assert len(rooms) == 36
    assert len(floor - rooms) == 35
    assert distances(maze, (1, 1)).keys() == floor


def test_opened_walls_make_loops():
    """A tenth of the walls between rooms is opened beyond the tree's doors."""
    doors = 0
    for seed in range(40):
        maze = carve(np.random.default_rng(seed), 8, 0.1)
        assert set(maze[0]) == set(maze[-1]) == {row[0] for row in maze} == {row[-1] for row in maze} == {"#"}
        doors += sum(cell != "#" for r, row in enumerate(maze) for c, cell in enumerate(row) if (r + c) % 2) - 63
    assert doors / 40 == pytest.approx(0.1 * (2 * 8 * 7 - 63), rel=0.2)


@pytest.mark.parametrize(
    "written",
    ["{}", "{}\n", "Move: {}", "moves: {}.", "**{}**", "`{}`", "<think>left? up up?</think>{}", "\n\n{}\n\n"],
)
@pytest.mark.parametrize("joined", [" ", ", ", "\n", " -> ", "; ", ","])
def test_moves_that_are_read(written, joined):
    """In capitals or not, however they are joined: the whole way in one turn."""
    env = opened(0)
    (reply,) = env.demonstrate(env.task)
    assert say(env, written.format(reply.replace(" ", joined).title())) == "solved"
    assert env.session.verdict.reward == 1.0


@pytest.mark.parametrize(
    "reply",
    [
        "",
        " ",
        "go up",
        "up or down",
        "upup",
        "north",
        "u",
        "up 3",
        "up!",
        "<think>up",
        "up</think>",
        "not up",
        "yes. up",
    ],
)
def test_replies_that_are_no_moves(reply):
    """Anything else moves nothing, costs a move, and is told what was expected."""
    env = opened(0)
    row, column = World(env.task.prompt).start
    moves = len(env.task.metadata["slips"])
    expected = (
        f"Reply with moves alone, such as up up left. You are at row {row}, column {column}. {moves - 1} moves left."
    )
    assert say(env, reply) == expected


def test_moves_stop_at_a_wall():
    """What was said after a move that met a wall is not done."""
    env = opened(0)
    world = World(env.task.prompt)
    wall = next(move for move in MOVES if world.to(world.start, move) == world.start)
    way = next(move for move in MOVES if world.to(world.start, move) != world.start)
    said = say(env, f"{wall} {way}")
    assert said.startswith(f"Going {wall} you met a wall. ")
    assert position_in(said) == world.start
    assert moves_left_in(said) == world.moves - 1


def test_the_moves_are_used_up():
    """The last move ends the episode, whatever else was said in its turn."""
    env = opened(0)
    world = World(env.task.prompt)
    way = next(move for move in MOVES if world.to(world.start, move) != world.start)
    assert say(env, " ".join([way, BACK[way]] * world.moves)) == "gave_up"
    assert env.session.verdict.reason.endswith(f"after {world.moves} moves")
    assert env.session.verdict.reward == 0.0


def test_ten_replies_without_a_move_end_the_episode():
    """Whatever was walked in between."""
    env = opened(5)
    for _ in range(9):
        assert "Reply with moves alone" in say(env, "hm")
        assert "Reply with moves alone" not in say(env, "up")
    assert say(env, "hm") == "gave_up"


def test_the_last_move_may_be_the_one():
    """Reaching the goal with the last move is reaching it."""
    env = opened(3)
    (reply,) = env.demonstrate(env.task)
    assert moves_left_in(say(env, "stop")) == env.task.answer + 1
    assert moves_left_in(say(env, "stop")) == env.task.answer
    assert say(env, reply) == "solved"


def test_partial_credit_is_the_way_left_behind():
    """Stopping half-way is worth half of its weight; going back is worth nothing; silence is worth nothing."""
    env = opened(0, partial_weight=0.4, max_turns=1)
    (reply,) = env.demonstrate(env.task)
    moves = reply.split()
    for made in range(1, len(moves)):
        env.reset(options={"index": env.index})
        assert say(env, " ".join(moves[:made])) == "max_turns"
        assert env.session.verdict.reward == pytest.approx(0.4 * made / len(moves))
    env.reset(options={"index": env.index})
    assert say(env, "") == "max_turns"
    assert env.session.verdict.reward == 0.0


def test_arriving_beats_nearly_arriving():
    """The slowest arrival is worth more than the closest miss, whatever the weights."""
    env = opened(0, partial_weight=0.25, pace_weight=0.24)
    (reply,) = env.demonstrate(env.task)
    world = World(env.task.prompt)
    way = reply.split()[0]
    for _ in range((world.moves - env.task.answer) // 2):
        say(env, way)
        say(env, BACK[way])
    assert say(env, reply) == "solved"
    slowest = env.session.verdict.reward
    env.reset(options={"index": env.index})
    say(env, " ".join(reply.split()[:-1]))
    while say(env, "?") != "gave_up":
        pass
    assert env.session.verdict.reward < 0.25
    assert 0.51 < slowest < 1.0


def test_an_episode_replays_exactly():
    """Slips included: equal moves give equal answers, on another env too."""
    heard = []
    for _ in range(2):
        env = opened(5, 4)
        heard.append([say(env, move) for move in ["up", "right", "down", "left"] * 8])
    assert heard[0] == heard[1]
    assert any("slipped" in said for said in heard[0])


def test_episodes_do_not_touch_each_other():
    """A solved episode leaves nothing behind for the next one."""
    env = opened(0)
    (reply,) = env.demonstrate(env.task)
    assert say(env, reply) == "solved"
    env.reset(options={"index": env.index})
    assert env.verify(env.task, reply).reward == 0.0
    assert env.respond(env.task, reply) is StopReason.SOLVED


@pytest.mark.parametrize(
    "reply", [" " * 10**6 + "x", "up " * 10**6 + "x", "move" + " " * 10**6, "up" * 10**6, "." * 10**6]
)
def test_long_replies_are_read_in_one_pass(reply):
    """A megabyte of blanks or moves is no reason to hang."""
    env = opened(0)
    assert env.respond(env.task, reply)[0]["content"].startswith("Reply with moves alone")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pace_weight": 0.5}, r"a number in \[0, 0\.5\)"),
        ({"partial_weight": -0.1}, r"a number in \[0, 0\.5\)"),
        ({"partial_weight": 0.25, "pace_weight": 0.25}, r"less than 0\.5"),
        ({"pace_wait": 0.1}, "Did you mean 'pace_weight'"),
        ({"difficulty": 6}, "from 0 to 5"),
    ],
    ids=str,
)
def test_bad_options_are_refused(options, words):
    """At `make` time, with what was expected."""
    with pytest.raises(BadOption, match=words):
        gym.make("llm/Maze-v0", **options)
