"""The page in a real Chromium, opened from a file as a person would: large runs, filters, links, keys, paper, theme."""

from __future__ import annotations

import base64
import re
import zlib
from pathlib import Path
from urllib.request import url2pathname

import pytest
from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.evals.report import build

pytestmark = pytest.mark.browser

LARGE = 10_000
TOPICS = ("algebra", "geometry", "calculus")


def some_episode(task, sample=0, right=None):
    """Wrong where the task's number ends in 3 unless it is told; cut off where it ends in 13."""
    cut = task % 100 == 13
    text = f"<think>so {task}</think>\nIt is \\boxed{{{task}}}."
    return make_episode(
        task,
        sample,
        reward=float(task % 10 != 3 if right is None else right),
        difficulty=task % 5,
        tags={"topic": TOPICS[task % 3]},
        truncated=cut,
        stop_reason="max_new_tokens" if cut else "end_of_turn",
        replies=[make_reply(text, sampled_tokens=task % 97 + 1, took_s=0.1)],
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Ten thousand episodes and one error."""
    outcomes = [make_error(LARGE), *map(some_episode, range(LARGE))]
    return build(make_run(tmp_path_factory.mktemp("large"), make_plan(LARGE + 1), outcomes)).as_uri()


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Three tasks by four samples, with tokens, a tool call, an image, and two runs to compare."""
    folder = tmp_path_factory.mktemp("small")
    picture = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    call = {"function": {"name": "search", "arguments": '{"q": "gold"}'}}
    said = [[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 3 + 4?"}]]
    said.append([{"role": "tool", "content": "7 hits", "name": "search"}])
    reply = make_reply("7\x1b[31m\u202e", ids=[55, 27, 258], logprobs=[-0.1, -3.5, -0.01], advantages=[0.5])
    first = make_episode(
        0,
        0,
        said=said,
        ids=[[257, 55], [10]],
        replies=[make_reply("<think>add</think>7", ids=[55, 258], logprobs=[-0.7, -0.1], advantages=[-0.5]), reply],
        files=[{"name": "shot", "path": "files/shot.png", "turn": 0}],
        turns=2,
    )
    first.said[0].append({"role": "assistant", "content": "", "tool_calls": [call]})
    attempts = [(task, sample) for task in range(3) for sample in range(4)]
    others = [some_episode(*attempt, right=attempt != (2, 3)) for attempt in attempts[1:]]
    before = [some_episode(*attempt, right=attempt[1] != 2) for attempt in attempts]
    before[0].said = first.said[:1]
    run = make_run(folder / "run", make_plan(3, 4), [first, *others])
    (run.path / "files").mkdir()
    (run.path / "files" / "shot.png").write_bytes(picture)
    return build(run, against=make_run(folder / "before", make_plan(3, 4), before)).as_uri()


def found(page):
    """What the bar says that the filter leaves."""
    page.wait_for_selector("#found:not(:text('searching'))")
    return page.inner_text("#found")


def type_filter(page, text):
    """Type a filter and wait for the address to follow."""
    page.fill("#filter", text)
    page.wait_for_timeout(250)
    return found(page)


def rows(page):
    """Texts of the rows of a table that are in sight."""
    return page.eval_on_selector_all(".space .row", "rows => rows.map((row) => row.innerText)")


def at(page):
    """The address behind the #."""
    return page.evaluate("() => decodeURIComponent(location.hash)")


class TestTenThousandEpisodes:
    def test_they_open(self, large, open_page):
        """The headline, without an error, a warning or a request."""
        page = open_page(large)
        assert "10,000 of 10,001" in page.inner_text(".headline")
        assert found(page) == "10,001 episodes"
        assert (page.watch.errors, page.watch.outside, page.watch.dialogs) == ([], [], [])

    def test_only_rows_in_sight_exist(self, large, open_page):
        """At the end of the table as at its beginning."""
        page = open_page(f"{large}#/episodes")
        page.wait_for_selector(".space .row")
        assert page.get_attribute(".scroll", "aria-rowcount") == "10002"
        page.keyboard.press("End")
        page.wait_for_selector('.row[aria-rowindex="10002"]')
        assert page.locator(".space .row").count() < 80
        assert "9999" in "".join(rows(page))

    def test_wheel_and_scroll_bar_reach_the_end(self, large, open_page):
        """The box is as high as all rows are."""
        page = open_page(f"{large}#/episodes")
        page.wait_for_selector(".space .row")
        page.eval_on_selector(".scroll", "box => { box.scrollTop = box.scrollHeight; }")
        page.wait_for_selector('.row[aria-rowindex="10002"]')

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("reward<1", "1,000 of 10,001"),
            ("reward<1 difficulty>=3", "1,000 of 10,001"),
            ("reward<1 difficulty>=4", "0 of 10,001"),
            ("tag:topic=algebra", "3,334 of 10,001"),
            ("tag:topic!=algebra", "6,667 of 10,001"),
            ("tag:topic~geb", "3,334 of 10,001"),
            ('fault:"cut off"', "100 of 10,001"),
            ("is:error", "1 of 10,001"),
            ("error:ModelUnavailable", "1 of 10,001"),
            ("-is:error -reward<1", "9,000 of 10,001"),
            ("task<10 or task>=9990", "21 of 10,001"),
            ("(task<10 or task>=9990) is:wrong", "2 of 10,001"),
            ("task=7", "1 of 10,001"),
            ("part:correct<1", "1,000 of 10,001"),
            ('text~"\\boxed{4711}"', "1 of 10,001"),
            ("text~boxed -text~boxed{4", "8,889 of 10,001"),
            ('"it is"', "10,000 of 10,001"),
        ],
    )
    def test_filters_leave_what_they_say(self, large, open_page, text, left):
        """Numbers, words, states, groups, and text that is searched chunk by chunk."""
        page = open_page(f"{large}#/episodes")
        page.fill("#filter", text)
        page.wait_for_selector(f"#found:text-is('{left}')")
        assert page.watch.errors == []

    def test_sorting_goes_both_ways_and_back(self, large, open_page):
        """By tokens, upwards, downwards, and as it was; rows without a value come last."""
        page = open_page(f"{large}#/episodes")
        head = page.locator('[role=columnheader]:has([data-sort="tokens"])')
        firsts = []
        for direction in ("ascending", "descending", "none"):
            page.click('[data-sort="tokens"]')
            page.wait_for_selector(f'[role=columnheader][aria-sort="{direction}"]:has([data-sort="tokens"])')
            assert head.get_attribute("aria-sort") == direction
            firsts.append(rows(page)[0].split("\n"))
        tokens = [cells[-2] for cells in firsts]
        assert tokens == ["1", "97", "1"]

    def test_a_filter_changes_the_figures(self, large, open_page):
        """Headline and breakdowns are of what is left."""
        page = open_page(large)
        type_filter(page, "tag:topic=algebra")
        page.wait_for_selector(".headline dd:text-is('3,334')")
        assert page.locator(".card:has(h2:text('Difficulty')) .group").count() == 5


class TestFilterMistakes:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("rewrd<1", "There is no field “rewrd”. Did you mean “reward”?"),
            ("reward<high", "reward is a number; “high” is none."),
            ("reward~1", "“~” is for text; for reward use = < <= > >= or !=."),
            ("stop<3", "stop is a word; use : = != or ~."),
            ("tag:colour=red", "There is no tag “colour” in this run. Known: topic."),
            ("part:style<1", "There is no part “style” in this run. Known: correct."),
            ("is:fine", "is: takes right, wrong, error, scored, fault."),
            ("(reward<1", "A “)” is missing."),
            ("reward<1)", "There is a “)” too many."),
            ("reward<", "reward< needs a value."),
            ('text~"abc', "A quotation mark is not closed."),
            ("reward<1 or", "Something is missing beside “or”, “-” or “( )”."),
        ],
    )
    def test_they_are_told_beside_the_input(self, small, open_page, text, told):
        """What is wrong, and what would be right; nothing breaks."""
        page = open_page(small)
        assert type_filter(page, text) == told
        assert page.get_attribute("#filter", "aria-invalid") == "true"
        assert page.watch.errors == []


class TestLinks:
    def test_an_episode_opens_from_its_address(self, large, open_page):
        """Also one far behind, in a chunk of its own."""
        page = open_page(f"{large}#/episode/llm%2FMath-v0/9876/0?filter=is%3Aright")
        page.wait_for_selector(".message.assistant")
        assert "\\boxed{9876}" in page.inner_text(".message.assistant")
        assert page.input_value("#filter") == "is:right"

    def test_a_filtered_sorted_table_opens_from_its_address(self, large, open_page):
        """Filter and order are in the link."""
        page = open_page(f"{large}#/episodes?filter=reward%3C1&sort=-task")
        page.wait_for_selector(".space .row")
        assert rows(page)[0].startswith("✗\n9993")

    def test_back_leads_back(self, large, open_page):
        """The browser's own button, from an episode to its row."""
        page = open_page(f"{large}#/episodes?filter=task%3E50")
        page.click('.row[data-i="3"]')
        page.wait_for_selector(".message.assistant")
        page.go_back()
        page.wait_for_selector('.row[aria-selected=true][data-i="3"]')

    @pytest.mark.parametrize("where", ["episode/llm%2FMath-v0/99/9", "episode/%ZZ/1/2", "pair/x/1/1", "nonsense"])
    def test_links_to_nothing_are_told(self, small, open_page, where):
        """A page with words, and no error."""
        page = open_page(f"{small}#/{where}")
        assert page.inner_text("main").strip()
        assert page.watch.errors == []


class TestKeys:
    def test_one_walks_and_opens_by_keys(self, large, open_page):
        """j, k, Enter, j within episodes, u back; slash for the filter; g and a letter for the views."""
        page = open_page(large)
        page.keyboard.type("ge")
        page.wait_for_selector(".space .row")
        page.keyboard.type("jjjk")
        page.keyboard.press("Enter")
        page.wait_for_selector(".message.assistant")
        assert at(page) == "#/episode/llm/Math-v0/2/0"
        page.keyboard.press("j")
        page.wait_for_selector(".message.assistant:has-text('boxed{3}')")
        page.keyboard.press("u")
        page.wait_for_selector('.row[aria-selected=true][data-i="3"]')
        page.keyboard.press("/")
        page.keyboard.type("task>9")
        page.wait_for_selector("#found:text-is('9,991 of 10,001')")
        page.keyboard.press("Escape")
        page.keyboard.type("go")
        page.wait_for_selector(".overview")
        assert at(page) == "#/overview?filter=task>9"

    def test_help_opens_and_closes(self, small, open_page):
        """Filter language and keys, in a dialog that Escape closes."""
        page = open_page(small)
        page.keyboard.press("?")
        assert "text~" in page.inner_text("dialog[open]")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")

    def test_samples_and_views_of_an_episode(self, small, open_page):
        """Brackets walk the rollouts; t, s and r show tokens, samples side by side, raw text."""
        page = open_page(f"{small}#/episode/llm%2FMath-v0/0/0")
        page.wait_for_selector(".message.assistant")
        page.keyboard.press("t")
        page.wait_for_selector(".tokens .t")
        page.keyboard.press("s")
        page.wait_for_selector(".lane >> nth=3")
        page.keyboard.press("r")
        page.wait_for_selector(".said > .raw")
        page.keyboard.press("]")
        page.wait_for_selector(".rollouts [aria-current] >> text=1")
        assert at(page).startswith("#/episode/llm/Math-v0/0/1")

    def test_everything_can_be_reached_by_tab(self, small, open_page):
        """Links, filter and buttons take the focus, and show it."""
        page = open_page(small)
        reached = set()
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("() => document.activeElement.tagName"))
        assert {"A", "BUTTON", "INPUT"} <= reached


class TestEpisode:
    def test_the_transcript_is_a_tree(self, small, open_page):
        """Thinking folded, tool calls set out, controls and bidi marks visible, the image in place."""
        page = open_page(f"{small}#/episode/llm%2FMath-v0/0/0")
        page.wait_for_selector(".message.assistant")
        assert page.get_attribute("details.think", "open") is None
        page.click("details.think summary")
        page.wait_for_selector("details.think .text:text('add')")
        assert page.inner_text(".call b") == "call search"
        assert '"q": "gold"' in page.inner_text(".call .text")
        assert page.locator(".odd").all_inner_texts() == ["␛", "U+202E"]
        assert page.eval_on_selector(".picture img", "image => image.naturalWidth") == 1
        assert "7 hits" in page.inner_text(".message.tool")

    def test_tokens_tell_who_wrote_them_and_what_they_were_worth(self, small, open_page):
        """Prompt, policy and env apart; the facts of a token; three colourings."""
        page = open_page(f"{small}#/episode/llm%2FMath-v0/0/0?show=tokens")
        page.wait_for_selector(".tokens .t")
        kinds = page.eval_on_selector_all(".tokens .t", "all => all.map((each) => each.classList[1])")
        assert kinds == ["prompt", "prompt", "policy", "policy", "env", "policy", "policy", "policy"]
        page.hover('[data-t="6"]')
        facts = page.inner_text("output.facts")
        assert re.search(r"id 27 .*loss mask 1.*logprob −3\.5000.*surprise 5\.05 bit.*advantage 0\.5000", facts)
        page.click(".legend button:text('surprise')")
        page.wait_for_selector('[data-t="6"].h5')
        page.click(".legend button:text('advantage')")
        page.wait_for_selector('[data-t="2"].m5')
        assert page.locator('[data-t="6"].plus').count() == 1

    def test_search_words_are_marked(self, small, open_page):
        """What a text filter found is easy to see, also inside thinking."""
        page = open_page(f"{small}#/episode/llm%2FMath-v0/0/0?filter=text~add")
        page.wait_for_selector("mark:text('add')")

    def test_an_error_has_a_page(self, large, open_page):
        """With what happened, and no reward."""
        page = open_page(f"{large}#/episode/llm%2FMath-v0/{LARGE}/0")
        assert "ModelUnavailable" in page.inner_text("main")
        assert "gone" in page.inner_text("main")


class TestCompare:
    def test_flips_come_first(self, small, open_page):
        """How many were lost and gained, the sentence to quote, and both replies beside each other."""
        page = open_page(f"{small}#/compare")
        page.wait_for_selector(".space .row")
        assert [row.split("\n")[1] for row in rows(page)] == ["lost", "gained", "gained", "gained"]
        assert "on the same 3 tasks" in page.inner_text(".sentence")
        page.keyboard.press("Enter")
        page.wait_for_selector(".lane >> nth=1")
        assert [text.split()[1] for text in page.locator(".lane h2").all_inner_texts()] == ["before", "now"]
        page.keyboard.press("u")
        page.wait_for_selector(".compare")

    def test_flips_can_be_filtered_by(self, small, open_page):
        """In the table, too."""
        page = open_page(f"{small}#/episodes")
        assert type_filter(page, "flip:gained") == "3 of 12"


class TestLooks:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_the_page_follows_the_system_until_told(self, small, open_page, scheme):
        """The switch goes from system to light to dark."""
        page = open_page(small, scheme=scheme)
        ground = "() => getComputedStyle(document.documentElement).backgroundColor"
        light, dark = "rgb(245, 246, 248)", "rgb(14, 17, 22)"
        assert page.evaluate(ground) == {"light": light, "dark": dark}[scheme]
        page.click("[aria-label='dark or light']")
        assert page.evaluate(ground) == light
        page.keyboard.press("d")
        assert page.evaluate(ground) == dark

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("where", ["overview", "episodes", "compare", "episode/llm%2FMath-v0/0/0"])
    def test_text_stands_out(self, small, open_page, scheme, where):
        """Every text has at least the contrast of 4.5 that WCAG 2.1 (1.4.3) asks for."""
        page = open_page(f"{small}#/{where}", scheme=scheme)
        page.wait_for_timeout(200)
        assert page.evaluate(CONTRASTS) == []

    @pytest.mark.parametrize(
        "where", ["overview", "episodes", "compare", "episode/llm%2FMath-v0/0/0", "pair/llm%2FMath-v0/0/0"]
    )
    def test_a_narrow_window_is_enough(self, small, open_page, where):
        """At 400 pixels nothing sticks out of the page."""
        page = open_page(f"{small}#/{where}", width=400)
        page.wait_for_timeout(200)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 400

    def test_paper_gets_what_is_folded_and_all_rows(self, large, open_page):
        """Up to a thousand rows; thinking is open; no controls."""
        page = open_page(f"{large}#/episodes")
        page.wait_for_selector(".space .row")
        page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        assert page.locator(".space .row").count() == 1000
        assert not page.is_visible("#bar nav")
        page.emulate_media(media="screen")
        page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
        assert page.locator(".space .row").count() < 80
        page.goto(f"{large}#/episode/llm%2FMath-v0/1/0")
        page.wait_for_selector("details.think")
        page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
        page.wait_for_selector("details.think[open] .text:text('so 1')")

    def test_it_prints(self, small, open_page):
        """To a PDF of some pages."""
        page = open_page(f"{small}#/overview")
        assert page.pdf().startswith(b"%PDF")


CONTRASTS = """() => {
  const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const [r, g, b, a = 1] = parts(getComputedStyle(node).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility() || node.closest("script, style, svg, .skip, .unseen, #status")) continue;
    const pair = [light(parts(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push(`${node.className} ${node.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


def test_an_unfinished_file_says_so(large, open_page, tmp_path):
    """A report that was cut off while it was copied still shows its figures, and tells what is missing."""
    whole = Path(url2pathname(large.removeprefix("file://"))).read_text(encoding="utf-8")
    short = tmp_path / "short.html"
    short.write_text(whole[: len(whole) // 2], encoding="utf-8")
    page = open_page(f"{short.as_uri()}#/episode/llm%2FMath-v0/9999/0")
    page.wait_for_selector("main :text('cut off')")


def test_old_chunks_stay_readable(small, open_page):
    """The compressed blocks are plain zlib, as any other program can read them."""
    page = open_page(small)
    packed = page.inner_text("#run-0") or page.evaluate("() => document.getElementById('run-0').textContent")
    assert zlib.decompress(base64.b64decode(packed)).startswith(b'[{"id":')


def test_training_shows_what_was_logged_now_and_then(tmp_path, open_page):
    """Every metric has its curve up to the last step, however rarely it was logged; what has no clock shows none."""
    folder = make_run(tmp_path, make_plan(), [make_episode(step=1, replies=[make_reply(took_s=0.0)])])
    lines = [f"{step},0.5,{0.75 if step % 20 == 0 else ''}" for step in range(1, 301)]
    (tmp_path / "metrics.csv").write_text("\n".join(["step,reward,validation", *lines]) + "\n")
    page = open_page(build(folder).as_uri())
    assert page.locator(".curves figcaption").all_inner_texts() == ["reward", "validation"]
    assert page.locator(".curves .readout").all_inner_texts() == ["step 300: 0.500", "step 300: 0.750"]
    assert "median time" not in page.inner_text(".headline")
