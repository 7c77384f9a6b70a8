"""An env as an MCP server: any MCP client plays its episodes, by the env's own rules.

Offered are the env's tools and two more: `new_episode` opens a task and tells it, `say` says something, which is the
final answer or goes to whoever the task has to talk to. Every call is a turn of the session as if a model had written
it, so limits, budgets, masks and verdicts are those of any other episode; the verdict is the answer to the last call.

It deliberately hides nothing of the verdict, once the episode is over: who plays is no policy in training.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import llm_envs
from llm_envs.chat.calls import Call
from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption, LLMEnvsError, MissingExtra, did_you_mean
from llm_envs.tools.env import ToolEnv
from llm_envs.tools.errors import ToolError
from llm_envs.tools.json_schema import arguments_of_schema
from llm_envs.types import Turn

try:
    import anyio
    import anyio.to_thread
    from mcp import stdio_server, types
    from mcp.server.lowlevel.server import Server
except ModuleNotFoundError as missing:
    raise MissingExtra.of("mcp", missing.name or "mcp", "an env as an MCP server") from missing

__all__ = ["NEW_EPISODE", "SAY", "Play"]

NEW_EPISODE, SAY = "new_episode", "say"

_NATURAL = {"type": "integer", "minimum": 0}
_OWN: tuple[dict[str, Any], ...] = (
    {
        "name": NEW_EPISODE,
        "description": "Begin an episode and read its task. Leaves the one that is open.",
        "parameters": {
            "type": "object",
            "properties": {
                "seed": {
                    **_NATURAL,
                    "description": "which sequence of tasks; by default the next task of the present one",
                },
                "index": {**_NATURAL, "description": "which task of that sequence"},
            },
        },
    },
    {
        "name": SAY,
        "description": "Give your final answer, or, where the task has somebody to talk to, say something. Ends the "
        "episode with a verdict, or is answered.",
        "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    },
)

_NEW, _SAID = (arguments_of_schema(own["parameters"], own["name"]) for own in _OWN)


class Play:
    """One env, for one client.

    Args:
        env: played turn by turn.
        seed: of the first episode, where the client names none.

    Raises:
        BadOption: the env has a tool of a name that is needed here.
    """

    def __init__(self, env: LLMEnv, seed: int = 0) -> None:
        self._env = env
        self._seed: int | None = seed
        schemas = [dict(schema)["function"] for schema in env.toolset.schemas] if isinstance(env, ToolEnv) else []
        self._heard = 0
        self._tools = {schema["name"]: schema for schema in schemas}
        for own in _OWN:
            if own["name"] in self._tools:
                raise BadOption(
                    f"the env has a tool called {own['name']!r}",
                    expected=f"tools of other names than {NEW_EPISODE} and {SAY}",
                )
        self._tools |= {own["name"]: own for own in _OWN}
        self._one_at_a_time = anyio.Lock()

    async def serve(self) -> None:
        """Answer the client on standard input and output until it leaves."""
        server = Server(
            self._env.env_id,
            version=llm_envs.__version__,
            instructions=f"Call {NEW_EPISODE} for a task, then its tools, and {SAY} at the end.",
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
        )
        async with stdio_server() as (read_stream, write_stream):
            await server.run(read_stream, write_stream, server.create_initialization_options())

    async def _list_tools(self, _context: Any, _params: Any) -> types.ListToolsResult:
        tools = [
            types.Tool(name=name, description=schema["description"], input_schema=schema["parameters"])
            for name, schema in self._tools.items()
        ]
        return types.ListToolsResult(tools=tools)

    async def _call_tool(self, _context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        async with self._one_at_a_time:
            text, is_error = await anyio.to_thread.run_sync(self.answer, params.name, params.arguments or {})
        return types.CallToolResult(content=[types.TextContent(text=text)], is_error=is_error)

    def answer(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, bool]:
        """What a call is answered with, and whether nothing came of it."""
        try:
            if name == NEW_EPISODE:
                return self._begin(**_NEW.decode(arguments, typed=True)), False
            if self._env.session.done:
                return f"No episode is open: call {NEW_EPISODE}.", True
            if name == SAY:
                return self._told(self._say(_SAID.decode(arguments, typed=True)["text"])), False
            if name not in self._tools and not isinstance(self._env, ToolEnv):
                return f"there is no tool {name!r}. {did_you_mean(name, self._tools)}", True
            return self._told(self._say("", Call(name, dict(arguments)))), self._failed
        except (LLMEnvsError, ToolError) as error:
            return str(error), True

    def _begin(self, seed: int | None = None, index: int | None = None) -> str:
        seed = self._seed if seed is None else seed
        self._seed = None
        self._env.reset(seed=seed, options={} if index is None else {"index": index})
        messages = self._env.session.messages
        told = [f"[{message['role']}]\n{message['content']}" for message in messages if len(messages) > 1]
        return "\n\n".join([*(told or [messages[0]["content"]]), *self._offered()])

    def _offered(self) -> list[str]:
        """The tools of the task by name, and in full those that are others than was listed under that name."""
        schemas = [dict(schema)["function"] for schema in self._env.task.tools]
        names = [f"Tools of this task: {', '.join(schema['name'] for schema in schemas)}."] if schemas else []
        others = [json.dumps(schema) for schema in schemas if schema != self._tools.get(schema["name"])]
        return [*names, *(f"In this task, this tool is: {other}" for other in others)]

    def _say(self, text: str, *calls: Call) -> Turn:
        self._heard = len(self._env.session.messages) + 1
        chat = self._env.chat
        reply = chat.calling.write(calls, text) if isinstance(self._env, ToolEnv) else text
        return self._env.push([*chat.encode_reply(reply)])

    @property
    def _failed(self) -> bool:
        """The last call has come to nothing."""
        answers = self._env.answers if isinstance(self._env, ToolEnv) else []
        return bool(answers) and answers[-1].code is not None

    def _told(self, turn: Turn) -> str:
        if not turn.done:
            return "\n\n".join(message["content"] for message in self._env.session.messages[self._heard :])
        info = {"reward": turn.reward, **turn.info}
        return f"The episode is over.\n{json.dumps(info, indent=2, ensure_ascii=False)}"
