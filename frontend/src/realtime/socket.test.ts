import { beforeEach, expect, test, vi } from "vitest";
import type { ServerFrame } from "@/api/types";
import { Socket, type SocketPorts } from "./socket";

class FakeWebSocket extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeWebSocket[] = [];
  readyState = 1;
  sent: { type: string; id: string }[] = [];

  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
    FakeWebSocket.all.push(this);
  }

  send(text: string) {
    this.sent.push(JSON.parse(text) as { type: string; id: string });
  }

  close() {
    this.readyState = 3;
  }

  hear(frame: object) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  die(code: number) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const READY = { type: "ready", epoch: "e", head: 0, user_id: 1, session_id: "s", expires_in: 600, heartbeat_seconds: 25 };
const last = () => FakeWebSocket.all.at(-1) as FakeWebSocket;

function setUp() {
  const frames: ServerFrame[] = [];
  const ports = {
    url: () => "ws://here/api/ws?since=0&epoch=e",
    token: vi.fn<SocketPorts["token"]>(() => Promise.resolve("t0k")),
    renew: vi.fn<SocketPorts["renew"]>(() => Promise.resolve("new")),
    probe: vi.fn<SocketPorts["probe"]>(() => Promise.resolve()),
    onFrame: (frame: ServerFrame) => void frames.push(frame),
    onStatus: vi.fn<SocketPorts["onStatus"]>(),
  };
  return { socket: new Socket(ports), ports, frames };
}

async function connected() {
  const made = setUp();
  made.socket.start();
  await vi.advanceTimersByTimeAsync(0);
  last().hear(READY);
  return made;
}

beforeEach(() => {
  FakeWebSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeWebSocket);
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

test("the token travels as a subprotocol, never in the URL", async () => {
  const { socket, ports } = await connected();
  expect(last().protocols).toEqual(["chat.v1", "bearer.t0k"]);
  expect(last().url).not.toContain("t0k");
  expect(ports.onStatus).toHaveBeenLastCalledWith(true);
  socket.stop();
});

test("a request is answered by the frame that repeats its id", async () => {
  const { socket } = await connected();
  const first = socket.request({ type: "ping" });
  const second = socket.request({ type: "read", peer_id: 2, message_id: 3 });
  const third = socket.request({ type: "ping" });
  const [a, b, c] = last().sent.map(({ id }) => id);
  last().hear({ type: "error", id: b, code: "not_found", detail: "", retry_after: null });
  last().hear({ type: "error", id: c, code: "too_many_requests", detail: "", retry_after: 3 });
  last().hear({ type: "ok", id: a, result: null });
  await expect(first).resolves.toBeNull();
  await expect(second).rejects.toMatchObject({ code: "not_found", isTransient: false });
  await expect(third).rejects.toMatchObject({ retryAfter: 3, isTransient: true });
  socket.stop();
});

test("nothing is promised while there is no connection, and a lost one fails what was waiting", async () => {
  const { socket } = setUp();
  expect(socket.notify({ type: "ping" })).toBe(false);
  await expect(socket.request({ type: "ping" })).rejects.toMatchObject({ code: "disconnected" });
  socket.start();
  await vi.advanceTimersByTimeAsync(0);
  last().hear(READY);
  const failed = socket.request({ type: "ping" }).catch((error: unknown) => error);
  last().die(1012);
  expect(await failed).toMatchObject({ code: "disconnected", isTransient: true });
  socket.stop();
});

test("comes back by itself, later and later, and asks why a handshake failed", async () => {
  const { socket, ports } = await connected();
  last().die(1012);
  await vi.advanceTimersByTimeAsync(501);
  expect(FakeWebSocket.all).toHaveLength(2);
  expect(ports.probe).not.toHaveBeenCalled();
  last().die(1006);
  await vi.advanceTimersByTimeAsync(1001);
  expect(ports.probe).toHaveBeenCalledTimes(1);
  expect(FakeWebSocket.all).toHaveLength(3);
  socket.stop();
});

test.each([4401, 4403])("close %i asks for a new token first", async (code) => {
  const { socket, ports } = await connected();
  last().die(code);
  await vi.advanceTimersByTimeAsync(600);
  expect(ports.renew).toHaveBeenCalledTimes(1);
  expect(FakeWebSocket.all).toHaveLength(2);
  socket.stop();
});

test("35 s of silence is a dead line; a ping is answered and keeps it alive", async () => {
  const { socket } = await connected();
  await vi.advanceTimersByTimeAsync(25_000);
  last().hear({ type: "ping", head: 0 });
  expect(last().sent.at(-1)?.type).toBe("ping");
  await vi.advanceTimersByTimeAsync(25_000);
  expect(FakeWebSocket.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(FakeWebSocket.all).toHaveLength(2);
  socket.stop();
});

test("being online again does not wait for the timer; a stopped one stays away", async () => {
  const { socket, ports } = await connected();
  ports.token.mockImplementationOnce(() => Promise.reject(new Error("offline")));
  last().die(1006);
  await vi.advanceTimersByTimeAsync(501);
  window.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(0);
  expect(FakeWebSocket.all).toHaveLength(2);
  socket.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeWebSocket.all).toHaveLength(2);
});

test("a renewed token is handed over on the open connection, again if that fails", async () => {
  const { socket } = await connected();
  socket.authenticate("n3w");
  expect(last().sent).toMatchObject([{ type: "auth", token: "n3w" }]);
  last().hear({ type: "error", id: last().sent[0]?.id, code: "unavailable", detail: "", retry_after: null });
  await vi.advanceTimersByTimeAsync(2000);
  expect(last().sent).toHaveLength(2);
  last().hear({ type: "ok", id: last().sent[1]?.id, result: null });
  await vi.advanceTimersByTimeAsync(0);
  socket.authenticate("n3w");
  expect(last().sent).toHaveLength(2);
  expect(FakeWebSocket.all).toHaveLength(1);
  socket.stop();
});

test("a token that was renewed while connecting is handed over as soon as the server listens", async () => {
  const { socket } = setUp();
  socket.start();
  await vi.advanceTimersByTimeAsync(0);
  socket.authenticate("n3w");
  expect(last().sent).toEqual([]);
  last().hear(READY);
  expect(last().sent).toMatchObject([{ type: "auth", token: "n3w" }]);
  socket.stop();
});

test("another session is another connection, at once", async () => {
  const { socket, ports } = await connected();
  ports.token.mockResolvedValue("0ther");
  socket.reconnect();
  await vi.advanceTimersByTimeAsync(0);
  expect(FakeWebSocket.all.map(({ readyState }) => readyState)).toEqual([3, 1]);
  expect(last().protocols).toContain("bearer.0ther");
  expect(ports.renew).not.toHaveBeenCalled();
  socket.stop();
});

test("after waking up an open connection has to prove itself", async () => {
  const { socket } = await connected();
  window.dispatchEvent(new Event("online"));
  expect(last().sent.at(-1)?.type).toBe("ping");
  last().hear({ type: "pong", id: last().sent.at(-1)?.id });
  await vi.advanceTimersByTimeAsync(12_000);
  expect(FakeWebSocket.all).toHaveLength(1);
  window.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(11_000);
  expect(FakeWebSocket.all).toHaveLength(2);
  socket.stop();
});
