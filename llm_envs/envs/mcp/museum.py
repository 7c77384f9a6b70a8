"""A small museum as an MCP server, of the standard library alone, so that it starts at once.

It speaks as much of the protocol as a client needs: the handshake of 2025, the list of tools, and calls. For a server
of your own take the official SDK.
"""

from __future__ import annotations

import json
import sys
from typing import Any

__all__: list[str] = []

ROOMS = {
    "Hall of Instruments": ("astrolabe", "barometer", "sextant"),
    "Gallery of Clocks": ("water clock", "carriage clock", "chronometer"),
    "Cabinet of Maps": ("globe", "sea chart", "city plan"),
}
EXHIBITS = {
    "astrolabe": ("Marta Lindqvist", 1482, "brass"),
    "barometer": ("Paul Oduya", 1771, "walnut"),
    "sextant": ("Ines Calder", 1803, "brass"),
    "water clock": ("Teodor Vass", 1390, "clay"),
    "carriage clock": ("Ines Calder", 1812, "silver"),
    "chronometer": ("Henrik Solberg", 1768, "steel"),
    "globe": ("Marta Lindqvist", 1490, "papier-mache"),
    "sea chart": ("Luca Ferrant", 1544, "vellum"),
    "city plan": ("Paul Oduya", 1779, "linen"),
}
NAME: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
TOOLS: list[dict[str, Any]] = [
    {
        "name": "rooms",
        "description": "List the rooms of the museum.",
        "inputSchema": {"type": "object", "properties": {}},
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "room",
        "description": "List the exhibits in a room.",
        "inputSchema": NAME,
        "annotations": {"readOnlyHint": True},
    },
    {
        "name": "exhibit",
        "description": "Read the label of an exhibit: who made it, when, and of what.",
        "inputSchema": NAME,
        "annotations": {"readOnlyHint": True},
    },
]


def called(tool: str, arguments: dict[str, Any]) -> Any:
    """The answer of a tool; KeyError where there is no such thing."""
    if tool == "rooms":
        return sorted(ROOMS)
    if tool == "room":
        return sorted(ROOMS[arguments["name"]])
    if tool != "exhibit":
        raise KeyError(tool)
    maker, year, material = EXHIBITS[arguments["name"]]
    return {"maker": maker, "year": year, "material": material}


def result(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """What a request is answered with; LookupError where there is no such method."""
    if method == "initialize":
        about = {"name": "museum", "version": "1"}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}
    if method == "ping":
        return {}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        try:
            text, failed = json.dumps(called(params["name"], params.get("arguments") or {})), False
        except KeyError as error:
            text, failed = f"there is no {error}", True
        return {"content": [{"type": "text", "text": text}], "isError": failed}
    raise LookupError(method)


def main() -> None:
    """Answer requests, one a line, until there are no more."""
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        answer = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            answer["result"] = result(message["method"], message.get("params") or {})
        except LookupError as error:
            answer["error"] = {"code": -32601, "message": f"there is no method {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
