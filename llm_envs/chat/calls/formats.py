"""The formats that are known, in the order in which they are tried.

Where two read a template's calls alike, the one that writes them as the template does is taken, and then the first.
"""

from __future__ import annotations

from llm_envs.chat.calls.bare_json import BareJson
from llm_envs.chat.calls.braces import Braces
from llm_envs.chat.calls.call import CallFormat
from llm_envs.chat.calls.named_json import NamedJson
from llm_envs.chat.calls.nested_tags import NestedTags
from llm_envs.chat.calls.pythonic import Pythonic
from llm_envs.chat.calls.tagged_arguments import TaggedArguments
from llm_envs.chat.calls.tagged_json import TaggedJson

__all__ = ["FORMATS"]

_DEEPSEEK = ("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>")
_KIMI = ("<|tool_calls_section_begin|>", "<|tool_calls_section_end|>")

FORMATS: tuple[CallFormat, ...] = (
    TaggedJson(name="tagged json"),
    TaggedJson("<tool_calls>", "</tool_calls>", "tagged json lines", several="lines"),
    TaggedJson("<tool_calls>", "</tool_calls>", "tagged json list", several="list", pad=""),
    TaggedJson("<TOOLCALL>", "</TOOLCALL>", "TOOLCALL list", several="list", pad=""),
    TaggedJson("<|tool_call|>", "", "tool_call list", several="list", pad=""),
    TaggedJson("[TOOL_CALLS]", "", "TOOL_CALLS list", several="list", pad=""),
    TaggedJson("<|tools_prefix|>", "<|tools_suffix|>", "list by name", ("", ""), "list", ""),
    TaggedJson("<|START_ACTION|>", "<|END_ACTION|>", "action list", ("tool_name", "parameters"), "list"),
    TaggedJson("Action:\n```json\n", "```", "fenced action list", ("tool_name", "parameters"), "list"),
    TaggedJson("<|function_call|>", "", "function_call json", pad=""),
    TaggedJson("function call<|role_sep|>\n", "", "function call json", pad=""),
    NamedJson("name and json", ("[TOOL_CALLS]NAME[ARGS]", "[TOOL_CALLS]NAME[CALL_ID]ID[ARGS]")),
    NamedJson("name, id and json", ("[TOOL_CALLS]NAME[CALL_ID]ID[ARGS]", "[TOOL_CALLS]NAME[ARGS]")),
    NamedJson(
        "deepseek fenced json",
        ("<｜tool▁call▁begin｜>function<｜tool▁sep｜>NAME\n```json\n",),
        "```<｜tool▁call▁end｜>",
        _DEEPSEEK,
        pad=("", "\n"),
        joint="\n",
    ),
    NamedJson("deepseek json", ("<｜tool▁call▁begin｜>NAME<｜tool▁sep｜>",), "<｜tool▁call▁end｜>", _DEEPSEEK),
    NamedJson(
        "kimi json",
        (
            "<|tool_call_begin|>functions.NAME:NUMBER<|tool_call_argument_begin|>",
            "<|tool_call_begin|>functions.NAME<|tool_call_argument_begin|>",
            "<|tool_call_begin|>NAME:NUMBER<|tool_call_argument_begin|>",
            "<|tool_call_begin|>NAME<|tool_call_argument_begin|>",
        ),
        "<|tool_call_end|>",
        _KIMI,
    ),
    NamedJson(
        "solar json",
        ("<|tool_call:begin|>ID<|tool_call:name|>NAME<|tool_call:args|>",),
        "<|tool_call:end|>",
        ("<|tool_calls|>", ""),
    ),
    NamedJson("function json", ("<function=NAME>",), "</function>"),
    NamedJson(
        "harmony",
        (
            "to=functions.NAME<|channel|>commentary json<|message|>",
            "<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>",
            "<|channel|>commentary to=functions.NAME<|message|>",
            "to=functions.NAME<|message|>",
        ),
        whole=True,
    ),
    NamedJson("recipient lines", (">>>NAME\n",), at_start=True),
    TaggedArguments(
        "function xml",
        ("<function=NAME>", "</function>"),
        ("<parameter=KEY>", "</parameter>"),
        ("<tool_call>", "</tool_call>"),
        each=True,
        pad="\n",
    ),
    TaggedArguments(
        "seed xml",
        ("<function=NAME>", "</function>"),
        ("<parameter=KEY>", "</parameter>"),
        ("<seed:tool_call>", "</seed:tool_call>"),
        each=True,
    ),
    TaggedArguments(
        "arg_key xml", ("<tool_call>NAME", "</tool_call>"), ("<arg_key>KEY</arg_key>\n<arg_value>", "</arg_value>")
    ),
    TaggedArguments(
        "arg_key xml, one line",
        ("<tool_call>NAME", "</tool_call>"),
        ("<arg_key>KEY</arg_key><arg_value>", "</arg_value>"),
        gap="",
    ),
    TaggedArguments(
        "arg_key xml, open source",
        ("<tool_call:opensource>NAME<tool_sep:opensource>", "</tool_call:opensource>"),
        ("<arg_key:opensource>KEY</arg_key:opensource>\n<arg_value:opensource>", "</arg_value:opensource>"),
        ("<tool_calls:opensource>", "</tool_calls:opensource>"),
    ),
    TaggedArguments(
        "invoke xml",
        ('<invoke name="NAME">', "</invoke>"),
        ('<parameter name="KEY">', "</parameter>"),
        ("<minimax:tool_call>", "</minimax:tool_call>"),
    ),
    TaggedArguments(
        "atem invoke xml",
        ('<atem:invoke name="NAME">', "</atem:invoke>"),
        ('<atem:parameter name="KEY">', "</atem:parameter>"),
        ("<atem:function_calls>", "</atem:function_calls>"),
    ),
    *(
        TaggedArguments(
            f"DSML {section}",
            ('<｜DSML｜invoke name="NAME">', "</｜DSML｜invoke>"),
            ('<｜DSML｜parameter name="KEY" string="TEXTUAL">', "</｜DSML｜parameter>"),
            (f"<｜DSML｜{section}>", f"</｜DSML｜{section}>"),
        )
        for section in ("function_calls", "tool_calls")
    ),
    TaggedArguments(
        "param xml", ('<function name="NAME">', "</function>"), ('<param name="KEY">', "</param>"), gap="", cdata=True
    ),
    TaggedArguments(
        "open and close",
        ('<|open|>call tool="NAME" index="NUMBER"<|sep|>', "<|close|>call<|sep|>"),
        ('<|open|>argument key="KEY" type="TYPE"<|sep|>', "<|close|>argument<|sep|>"),
        ("<|open|>tools<|sep|>", "<|close|>tools<|sep|>"),
        gap="",
    ),
    NestedTags("nested tags", "]<]minimax[>["),
    Braces("call braces", "<|tool_call>call:NAME", "<tool_call|>", '<|"|>'),
    Pythonic("pythonic, marked", "<|tool_call_start|>", "<|tool_call_end|>"),
    Pythonic("pythonic"),
    BareJson(),
    NamedJson("react", ("Action: NAME\nAction Input:",), pad=(" ", ""), joint="\n", line_start=True),
)
