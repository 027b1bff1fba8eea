"""The server of `facerig live`: who comes in, what it takes, what it answers."""

from __future__ import annotations

import asyncio
import json
import signal
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from facerig.browser import orders
from facerig.browser.files import page_files
from facerig.browser.gate import Gate
from facerig.browser.head_file import packed
from facerig.browser.inbox import Inbox
from facerig.browser.limits import Allowance, Limits
from facerig.browser.server import LiveServer
from facerig.browser.speaker import HEADER, Offer
from facerig.core.channels import NAMES
from facerig.errors import ConfigError, FacerigError, ProtocolError
from facerig.mesh.head import Head, shipped_head
from facerig.session import Session
from tests.signals import heeding_ctrl_c

MODELS = ("live", "live-40")
RATE = 16_000
HEAD = b"FRH1 stands in for a head"
WAIT_SECS = 60


def serve(scenario: Callable[[LiveServer], Awaitable[Any]], **options: Any) -> Any:
    """What `scenario` returns, given a server at a free port."""
    async def run() -> Any:
        async with LiveServer(Offer(), HEAD, **options) as server:
            return await asyncio.wait_for(scenario(server), WAIT_SECS)

    return asyncio.run(run())


def session_of(server: LiveServer, origin: str | None = None, token: str | None = None,
               **more: Any) -> connect:
    """A page's WebSocket."""
    site = f"127.0.0.1:{server.gate.port}"
    return connect(f"ws://{site}/session?token={server.gate.token if token is None else token}",
                   origin=origin or f"http://{site}", compression=None, **more)  # type: ignore[arg-type]


async def fetch(server: LiveServer, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    def get() -> tuple[int, bytes, dict[str, str]]:
        request = Request(f"http://127.0.0.1:{server.gate.port}{path}", headers=headers)
        try:
            with urlopen(request, timeout=WAIT_SECS) as answer:
                return answer.status, answer.read(), dict(answer.headers)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read(), dict(refusal.headers)

    return await asyncio.to_thread(get)


async def opened(page: ClientConnection, rate: int = RATE) -> dict[str, Any]:
    await page.recv()  # the welcome
    await page.send(json.dumps({"type": "open", "rate": rate, "model": "live"}))
    return dict(json.loads(await page.recv()))


async def until_closed(page: ClientConnection, messages: list[str | bytes]) -> None:
    """Send, and listen until the server has had enough, which raises."""
    for message in messages:
        await page.send(message)
    while True:
        await page.recv()


async def frames_of(page: ClientConnection, n: int) -> tuple[list[tuple[int, int]], NDArray[np.float32]]:
    """At least n frames: (stream, first) of each message, and all of their values."""
    heads, rows, count = [], [], 0
    while count < n:
        message = await page.recv()
        assert isinstance(message, bytes)
        stream, first, frames, _micros = HEADER.unpack_from(message)
        values = np.frombuffer(message, "<f4", offset=HEADER.size).reshape(frames, len(NAMES))
        heads.append((stream, first))
        rows.append(values)
        count += frames
    return heads, np.concatenate(rows)


# ---- who comes in ----

@pytest.mark.parametrize(("hosts", "origins", "token", "reason"), [
    (["127.0.0.1:8000"], [], "t", None),
    (["LOCALHOST:8000"], ["http://localhost:8000"], "t", None),
    (["127.0.0.1:8000"], ["http://127.0.0.1:8000"], "t", None),
    ([], [], "t", "Host"),
    (["127.0.0.1:8000", "127.0.0.1:8000"], [], "t", "Host"),
    (["127.0.0.1"], [], "t", "Host"),
    (["127.0.0.1:8001"], [], "t", "Host"),
    (["evil.example:8000"], [], "t", "Host"),
    (["127.0.0.1:8000"], ["http://evil.example"], "t", "Origin"),
    (["127.0.0.1:8000"], ["null"], "t", "Origin"),
    (["127.0.0.1:8000"], ["http://127.0.0.1:8001"], "t", "Origin"),
    (["127.0.0.1:8000"], ["https://127.0.0.1:8000"], "t", "Origin"),
    (["127.0.0.1:8000"], ["http://localhost:8000"], "t", "Origin"),
    (["127.0.0.1:8000"], ["http://127.0.0.1:8000"] * 2, "t", "Origin"),
    (["127.0.0.1:8000"], [], "", "token"),
    (["127.0.0.1:8000"], [], "T", "token"),
    (["127.0.0.1:8000"], [], "t&token=t", "token"),
    (["127.0.0.1:8000"], [], "é", "token"),
    (["127.0.0.1:8000"], [], "t" * 600, "too long"),
])
def test_the_gate(hosts: list[str], origins: list[str], token: str, reason: str | None) -> None:
    gate = Gate(port=8000, token="t")
    why = gate.refusal(hosts, origins, f"/?token={token}", secret=True)
    assert why is None if reason is None else why is not None and reason in why


def test_tokens_are_new_and_long() -> None:
    tokens = {Gate(port=1).token for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 20


def test_files_and_refusals() -> None:
    async def scenario(server: LiveServer) -> None:
        token = f"?token={server.gate.token}"
        status, page, headers = await fetch(server, "/" + token)
        assert status == 200
        assert b"<title>facerig live" in page
        assert headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert (await fetch(server, "/head.bin" + token))[:2] == (200, HEAD)
        assert (await fetch(server, "/live.js"))[0] == 200
        for path in ("/", "/head.bin", "/?token=wrong", "/session"):
            assert (await fetch(server, path))[0] == 403
        for path in ("/server.py", "/../server.py", "/%2e%2e/server.py", "/page/live.js", "//live.js"):
            assert (await fetch(server, path))[0] == 404
        assert (await fetch(server, "/" + token, Host="evil.example"))[0] == 403
        assert (await fetch(server, "/live.js", Origin="http://evil.example"))[0] == 403

    serve(scenario)


def test_the_page_asks_for_nothing_that_is_not_served() -> None:
    """No script of another site, no file that is missing: the page works offline."""
    served = page_files(HEAD)
    for place, file in served.items():
        if place == "/head.bin":
            continue
        text = file.body.decode()
        links = text.replace('"http://www.w3.org/2000/svg"', "")
        assert "://" not in links.replace("ws://${location.host}", ""), place
        for one in (part.split('"')[0] for part in text.split('from "./')[1:]):
            assert f"/{one}" in served
        if place == "/":
            named = [part.split('"')[0] for key in ('src="', 'href="') for part in text.split(key)[1:]]
            assert {f"/{one}" for one in named} <= set(served)


@pytest.mark.parametrize("how", [{"origin": "http://evil.example"}, {"token": "wrong"}, {"token": ""},
                                 {"additional_headers": {"Host": "evil.example"}}])
def test_strangers_get_no_session(how: dict[str, Any]) -> None:
    async def scenario(server: LiveServer) -> None:
        with pytest.raises(InvalidStatus) as refusal:
            await session_of(server, **how)
        assert refusal.value.response.status_code == 403
        assert server.pages == 0

    serve(scenario)


def test_a_program_without_origin_gets_no_session() -> None:
    async def scenario(server: LiveServer) -> None:
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{server.gate.port}/session?token={server.gate.token}")

    serve(scenario)


def test_only_so_many_pages() -> None:
    async def scenario(server: LiveServer) -> None:
        async with session_of(server) as first:
            await first.recv()
            with pytest.raises(InvalidStatus) as refusal:
                await session_of(server)
            assert refusal.value.response.status_code == 503
        while server.pages:
            await asyncio.sleep(0.01)
        async with session_of(server) as next_one:
            await next_one.recv()

    serve(scenario, limits=Limits(pages=1))


def test_a_port_that_is_taken() -> None:
    async def scenario(server: LiveServer) -> None:
        with pytest.raises(ConfigError, match="cannot listen"):
            async with LiveServer(Offer(), HEAD, port=server.gate.port):
                pass

    serve(scenario)


# ---- what it answers ----

def test_frames_are_those_of_a_session() -> None:
    """The wire changes nothing: the same samples, told the same, give the same curves bit for bit."""
    sound = (np.random.default_rng(0).normal(0, 3000, RATE)).astype(np.int16)
    session = Session(RATE, fps=60)
    session.direct(emotion={"joy": 0.8}, blink=True)
    expected = session.feed(sound)

    async def scenario(server: LiveServer) -> None:
        async with session_of(server) as page:
            answer = await opened(page)
            assert (answer["type"], answer["stream"], answer["rate"]) == ("opened", 1, RATE)
            assert answer["lookahead_secs"] == float(session.lookahead.total)
            await page.send(json.dumps({"type": "direct", "emotion": {"joy": 0.8}, "blink": True}))
            for start in range(0, len(sound), 777):
                await page.send(sound[start : start + 777].tobytes())
            heads, values = await frames_of(page, len(expected))
            assert heads[0] == (1, 0)
            np.testing.assert_array_equal(values, expected.values)

    serve(scenario)


def test_the_welcome_says_what_there_is() -> None:
    async def scenario(server: LiveServer) -> None:
        async with session_of(server) as page:
            welcome = json.loads(await page.recv())
            assert welcome["type"] == "welcome"
            assert len(welcome["emotions"]) == 13
            assert [name for name, _ in welcome["curves"]] == list(NAMES)
            assert tuple(welcome["models"]) == MODELS

    serve(scenario)


def test_a_second_stream_begins_at_frame_0() -> None:
    async def scenario(server: LiveServer) -> None:
        async with session_of(server) as page:
            await opened(page)
            await page.send(bytes(RATE))
            await frames_of(page, 10)
            await page.send(json.dumps({"type": "open", "rate": 48_000, "model": "live-40"}))
            while isinstance(answer := await page.recv(), bytes):
                pass
            assert json.loads(answer)["stream"] == 2
            await page.send(bytes(48_000))
            assert (await frames_of(page, 10))[0][0] == (2, 0)

    serve(scenario)


def test_wishes_that_cannot_be_granted_are_answered() -> None:
    async def scenario(server: LiveServer) -> None:
        async with session_of(server) as page:
            await opened(page)
            await page.send(json.dumps({"type": "direct", "emotion": {"hunger": 1}}))
            answer = json.loads(await page.recv())
            assert answer["type"] == "refused"
            assert "hunger" in answer["what"]
            await page.send(bytes(RATE))
            assert len((await frames_of(page, 10))[1]) >= 10

    serve(scenario)


@pytest.mark.parametrize(("messages", "reason"), [
    ([b"\0\0"], "no stream"),
    (['{"type": "direct", "blink": true}'], "no stream"),
    (["OPEN", b"\0"], "16-bit"),
    (["OPEN", "{"], "no JSON"),
    (["OPEN", "[" * 8000], "no JSON"),
    (["OPEN", '{"type": "direct", "gaze": [NaN, 0, 1]}'], "no JSON"),
    (["OPEN", '{"type": "direct", "style": "/etc/passwd"}'], "no wish"),
    (["OPEN", '{"type": "direct", "controls": {}}'], "no wish"),
    (["OPEN", "x" * 9000], "characters"),
    (["OPEN"] * 12, "too many streams"),
    (["OPEN", *['{"type": "direct", "blink": true}'] * 200], "too many wishes"),
    (['{"type": "open", "rate": 48000, "model": "/etc/passwd"}'], "no model"),
    (['{"type": "open", "rate": true, "model": "live"}'], "sample rate"),
    (['{"type": "open", "rate": 7999, "model": "live"}'], "sample rate"),
    (['{"type": "open", "rate": 48000, "model": "live", "fps": 1000}'], "not part of open"),
])
def test_offenders_are_sent_away_and_nobody_else_notices(messages: list[str | bytes], reason: str) -> None:
    order = json.dumps({"type": "open", "rate": RATE, "model": "live"})

    async def scenario(server: LiveServer) -> None:
        async with session_of(server) as other:
            await opened(other)
            async with session_of(server) as page:
                with pytest.raises(ConnectionClosedError, match=reason) as end:
                    await until_closed(page, [order if one == "OPEN" else one for one in messages])
                assert end.value.rcvd is not None
                assert end.value.rcvd.code == 1008
            await other.send(bytes(RATE))
            assert len((await frames_of(other, 10))[1]) >= 10

    serve(scenario)


def test_a_message_that_is_too_large_ends_the_page() -> None:
    async def scenario(server: LiveServer) -> None:
        async with session_of(server) as page:
            await opened(page)
            with pytest.raises(ConnectionClosedError) as end:
                await until_closed(page, [bytes(Limits().message_bytes + 2)])
            assert end.value.rcvd is None or end.value.rcvd.code == 1009

    serve(scenario)


# ---- its parts ----

@given(st.one_of(st.text(max_size=200), st.builds(json.dumps, st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "rate", "model", "gaze", "layers", "blink"]), inner, max_size=4)))))
@settings(max_examples=100, deadline=None)
def test_any_text_is_an_order_or_an_offence(text: str) -> None:
    try:
        order = orders.read_order(text, MODELS)
    except ProtocolError:
        return
    assert isinstance(order, orders.Open | orders.Wish)


@cache
def shared_session() -> Session:
    return Session(RATE, fps=60)


NUMBERS = st.integers() | st.floats(allow_nan=False)  # infinity: what 1e999 is read as
WORDS = st.text(max_size=8) | st.sampled_from(["joy:0.5", "camera", "speak", "listen", "0,0,1", "head"])
WEIGHTS = st.dictionaries(st.sampled_from(["joy", "anger", "head", "emotion", ""]), NUMBERS | st.none(),
                          max_size=3)
POINTS = st.lists(NUMBERS, min_size=3, max_size=3)
VALUES = NUMBERS | st.none() | st.booleans() | WORDS | POINTS | WEIGHTS


@given(st.dictionaries(st.sampled_from(tuple(orders.WISHES)), VALUES, max_size=2))
@settings(max_examples=100, deadline=None)
def test_any_wish_is_granted_or_refused(wishes: dict[str, Any]) -> None:
    """Whatever JSON can say raises nothing but our own errors, and leaves a session that goes on."""
    text = json.dumps({"type": "direct", **wishes})
    session = shared_session()
    try:
        order = orders.read_order(text.replace("Infinity", "1e999"), MODELS)
        assert isinstance(order, orders.Wish)
        session.direct(**order.wishes)
    except FacerigError:
        return
    assert np.isfinite(session.feed(np.zeros(RATE // 8)).values).all()
    session.reset()


def test_allowances_fill_with_time() -> None:
    now = [0]
    allowance = Allowance(2.0, 4.0, lambda: now[0])
    assert [allowance.take(1) for _ in range(5)] == [True] * 4 + [False]
    now[0] += 500_000_000
    assert [allowance.take(1) for _ in range(2)] == [True, False]
    now[0] += 3_600_000_000_000
    assert not allowance.take(4.5)
    assert allowance.take(4.0)


def run(task: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(task)


def test_the_inbox_joins_sound_and_drops_what_a_new_stream_makes_void() -> None:
    async def scenario() -> None:
        inbox = Inbox(MODELS, Limits(), lambda: 0)
        order = json.dumps({"type": "open", "rate": RATE, "model": "live"})
        await inbox.put(order)
        assert isinstance(await inbox.take(), orders.Open)
        await inbox.put(struct.pack("<2h", 1, 2))
        await inbox.put(struct.pack("<h", 3))
        await inbox.put('{"type": "direct", "blink": true}')
        await inbox.put(struct.pack("<h", 4))
        sound = await inbox.take()
        assert isinstance(sound, np.ndarray)
        assert sound.tolist() == [1, 2, 3]
        await inbox.put(order)
        assert isinstance(await inbox.take(), orders.Open)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(inbox.take(), 0.01)

    run(scenario())


def test_sound_comes_no_faster_than_it_plays() -> None:
    """A little at once is a stall that is over; more is somebody who wants us to compute."""
    now = [0]

    async def scenario() -> None:
        inbox = Inbox(MODELS, Limits(waiting_secs=1e3), lambda: now[0])
        await inbox.put(json.dumps({"type": "open", "rate": RATE, "model": "live"}))
        for _ in range(29):
            await inbox.put(bytes(2 * RATE))
        for _ in range(100):
            now[0] += 1_000_000_000
            await inbox.put(bytes(2 * RATE))
        for _ in range(10):  # what 100 s at 1.1 left over
            await inbox.put(bytes(2 * RATE))
        with pytest.raises(ProtocolError, match="faster than sound"):
            await inbox.put(bytes(2 * RATE * 3))

    run(scenario())


def test_a_full_inbox_waits_for_room() -> None:
    async def scenario() -> None:
        inbox = Inbox(MODELS, Limits(waiting_secs=0.1, sound_at_once_secs=60), lambda: 0)
        await inbox.put(json.dumps({"type": "open", "rate": RATE, "model": "live"}))
        await inbox.take()
        await inbox.put(bytes(RATE))
        more = asyncio.create_task(inbox.put(bytes(2)))
        await asyncio.sleep(0.01)
        assert not more.done()
        await inbox.take()
        await asyncio.wait_for(more, 1)

    run(scenario())


@pytest.fixture(scope="module")
def head() -> Head:
    return shipped_head()


def test_the_file_of_a_head_holds_the_head(head: Head) -> None:
    file = packed(head)
    assert file[:4] == b"FRH1"
    length = struct.unpack_from("<I", file, 4)[0]
    header = json.loads(file[8 : 8 + length])
    arrays = {}
    for name, (kind, place, count) in header["arrays"].items():
        assert place % 4 == 0
        arrays[name] = np.frombuffer(file, f"<{kind}", count, 8 + length + place)
    np.testing.assert_array_equal(arrays["rest"].reshape(-1, 3), head.rest)
    assert sorted(map(tuple, arrays["triangles"].reshape(-1, 3))) == sorted(map(tuple, head.triangles))
    solid = {tuple(one) for one in head.triangles[~head.two_sided]}
    assert {tuple(one) for one in arrays["triangles"].reshape(-1, 3)[: header["solid"]]} == solid
    deltas = np.zeros((len(head.shape_names), len(head.rest), 3), np.float32)
    first, rows = arrays["first"], arrays["deltas"].reshape(-1, 3)
    for k in range(len(deltas)):
        part = slice(first[k], first[k + 1])
        deltas[k, arrays["moved"][part]] = rows[part]
    np.testing.assert_array_equal(deltas.reshape(len(deltas), -1), head.deltas)


# ---- the verb ----

LIVE = (sys.executable, "-c", "import sys; from facerig.cli import main; sys.exit(main())", "live")


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_the_verb_prints_the_address_and_ends_when_told() -> None:
    with subprocess.Popen([*LIVE, "--no-open", "--json"], stdout=subprocess.PIPE, text=True,
                          preexec_fn=heeding_ctrl_c) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with urlopen(url, timeout=WAIT_SECS) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_SECS) == 130


def test_a_model_that_hears_seconds_ahead_is_not_live() -> None:
    from facerig.cli.run import run as command_line

    assert command_line(["live", "--no-open", "--model", "offline"]) == 2
