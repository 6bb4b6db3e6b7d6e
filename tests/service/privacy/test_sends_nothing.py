"""Claims about the network: whole conversations in a process that may only talk to itself."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FAKES = Path(__file__).parents[2] / "fakes"

SCRIPT = """
import json, socket, sys, threading, urllib.request
reached = []

def near(address):
    if isinstance(address, (str, bytes)):  # a unix socket
        return True
    host = address[0] if isinstance(address, tuple) else address
    return host in ("127.0.0.1", "::1", "localhost", None, "")

def hook(event, args):
    if event in {"socket.connect", "socket.sendto", "socket.bind"}:
        is_near = near(args[1])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyname_ex", "socket.gethostbyaddr"}:
        is_near = near((args[0],))
    elif event in {"urllib.Request", "ftplib.connect", "smtplib.connect", "imaplib.open", "http.client.connect"}:
        is_near = False
    else:
        return
    if not is_near:
        reached.append(event)
        raise ConnectionRefusedError("the network is denied")

sys.addaudithook(hook)
denied = 0
for reach in (
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
    lambda: socket.getaddrinfo("example.org", 443),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
    lambda: urllib.request.urlopen("http://192.0.2.1/"),
):
    try:
        reach()
    except OSError:
        denied += 1
assert denied == len(reached) == 4, (denied, reached)
reached.clear()

from pathlib import Path
from fastapi.testclient import TestClient
from web_visitor import Visitor
from holdfast.service.app import create_app
from holdfast.settings import load_settings

settings = load_settings(config=None, environ={}, overrides=json.loads(sys.argv[1]))
routes = []
with TestClient(create_app(settings), follow_redirects=True) as client:
    visitor = Visitor(client)
    visitor.agree("conversation", "check_ins", "exercises")
    for words in TALK:
        visitor.say(words)
    export = visitor.post("/privacy/export", page="/privacy").json()
    routes = [record["record"]["route"] for record in export["why_records"] if record["kind"] == "turn"]
    pages = [visitor.get(path).status_code for path in ("/", "/help", "/learn", "/check-in", "/practise", "/privacy")]
    erased = visitor.post("/privacy/erase", {"sure": "yes"}, page="/privacy").status_code
print(json.dumps({"reached": reached, "routes": routes, "pages": pages, "erased": erased}))
"""
TALK = (
    "What is a panic attack?",
    "phq-4",
    *("Not at all",) * 4,
    "breathing exercise",
    "yes",
    "stop",
    "how do I change a bicycle tyre",
    "are you human?",
    "I want to end my life",
    "region: GB",
    "no",
)


NO_NETWORK = ("unshare", "--user", "--map-root-user", "--net")
"""Runs a program where the kernel has no network at all, whatever opens the sockets."""
ALONE = """
import ctypes, errno, os, socket
assert not [name for _, name in socket.if_nameindex() if name != "lo"], "there must be no way out of this machine"
libc = ctypes.CDLL(None, use_errno=True)
away = (2).to_bytes(2, "little") + (80).to_bytes(2, "big") + bytes((192, 0, 2, 1)) + bytes(8)
native = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
assert libc.connect(native, away, len(away)) == -1 and ctypes.get_errno() == errno.ENETUNREACH
os.close(native)
"""
"""Proves, past every hook of Python's, that native code cannot leave either."""


def talk(tmp_path: Path, *, around: tuple[str, ...] = (), before: str = "", **overrides: Any) -> dict[str, Any]:
    """Hold the whole conversation in a process of its own, run by ``around``, and return what came of it."""
    given = {
        "data_dir": str(tmp_path / "data"),
        "requests_per_minute": 10_000,
        "messages_per_minute": 1000,
        **overrides,
    }
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")}
    done = subprocess.run(
        [*around, sys.executable, "-c", f"{before}\nTALK = {TALK!r}\n{SCRIPT}", json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": str(FAKES)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return said


@pytest.mark.parametrize("overrides", [{"local_only": True}, {}], ids=["local only", "as installed"])
def test_whole_conversations_reach_for_nothing_beyond_this_machine(tmp_path: Path, overrides: dict[str, Any]) -> None:
    said = talk(tmp_path, **overrides)
    assert said["reached"] == []
    assert {"education", "assessment", "intervention", "crisis"} <= set(said["routes"])
    assert set(said["pages"]) == {200}
    assert said["erased"] == 200


def why_no_namespace() -> str | None:
    """Return why a process without a network cannot be run here, or None where it can."""
    if shutil.which(NO_NETWORK[0]) is None:
        return "no unshare on this machine (package util-linux)"
    tried = subprocess.run([*NO_NETWORK, "true"], capture_output=True, text=True, check=False)
    return f"namespaces are not permitted here: {tried.stderr.strip()}" if tried.returncode else None


def test_whole_conversations_need_no_network_that_native_code_could_reach(tmp_path: Path) -> None:
    """The audit hook above sees Python's sockets alone; here the kernel itself has none to the outside."""
    if (reason := why_no_namespace()) is not None:
        pytest.skip(reason)
    said = talk(tmp_path, around=NO_NETWORK, before=ALONE, local_only=True)
    assert said["reached"] == []
    assert {"education", "assessment", "intervention", "crisis"} <= set(said["routes"])
    assert set(said["pages"]) == {200}
    assert said["erased"] == 200
