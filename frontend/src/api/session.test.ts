import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "./errors";
import { type Grant, Session, type SessionPorts } from "./session";

let serial = 0;

function grant(sub = 1, expires_in = 600): Grant {
  serial += 1;
  return { access_token: `h.${btoa(JSON.stringify({ sub: String(sub), jti: serial }))}.s`, expires_in };
}

function setUp(ports: Partial<SessionPorts> = {}) {
  let hint = true;
  const all = {
    refresh: vi.fn(() => Promise.resolve(grant())),
    login: vi.fn(() => Promise.resolve(grant())),
    logout: vi.fn(() => Promise.resolve()),
    openFiles: vi.fn(() => Promise.resolve()),
    hint: { read: () => hint, write: (present: boolean) => void (hint = present) },
    reload: vi.fn(),
    now: () => Date.now(),
    ...ports,
  };
  return { ports: all, session: new Session(all), hasHint: () => hint };
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

test("many callers at once are one refresh", async () => {
  const { session, ports } = setUp();
  const tokens = await Promise.all([session.renew(), session.validToken(), session.replace(null), session.renew()]);
  expect(new Set(tokens).size).toBe(1);
  expect(ports.refresh).toHaveBeenCalledTimes(1);
});

test("a 401 for an already replaced token does not refresh again", async () => {
  const { session, ports } = setUp();
  const first = await session.renew();
  const second = await session.replace(first);
  expect(second).not.toBe(first);
  expect(await session.replace(first)).toBe(second);
  expect(ports.refresh).toHaveBeenCalledTimes(2);
});

test("a token about to expire is renewed before it is used", async () => {
  const { session, ports } = setUp();
  const first = await session.renew();
  expect(await session.validToken()).toBe(first);
  vi.setSystemTime(Date.now() + 575_000);
  expect(await session.validToken()).not.toBe(first);
  expect(ports.refresh).toHaveBeenCalledTimes(2);
});

test("at 80 % of its life the token is renewed by itself and handed on", async () => {
  const { session } = setUp();
  const seen: string[] = [];
  session.tokens.on((token) => seen.push(token));
  await session.renew();
  await vi.advanceTimersByTimeAsync(479_000);
  expect(seen).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(seen).toHaveLength(2);
});

test("no network, 5xx and 429 are not a logout", async () => {
  const failures = [new ApiError(0, "network"), new ApiError(503, "unavailable"), new ApiError(429, "rate_limited", 1)];
  const { session } = setUp({ refresh: vi.fn(() => (failures.length > 0 ? Promise.reject(failures.shift()) : Promise.resolve(grant(7)))) });
  void session.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(session.getState().phase).toBe("retrying");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(session.getState()).toEqual({ phase: "signed-in", userId: 7 });
});

test("a dead session is a logout", async () => {
  const { session, hasHint } = setUp({ refresh: () => Promise.reject(new ApiError(400, "invalid_grant")) });
  await session.start();
  expect(session.getState()).toEqual({ phase: "signed-out", reason: "ended" });
  expect(hasHint()).toBe(false);
  await expect(session.validToken()).rejects.toMatchObject({ status: 401 });
});

test("without a hint of a session nobody is asked", async () => {
  const { session, ports } = setUp({ hint: { read: () => false, write: () => undefined } });
  await session.start();
  expect(session.getState()).toEqual({ phase: "signed-out", reason: "none" });
  expect(ports.refresh).not.toHaveBeenCalled();
});

test("a failing proactive refresh keeps the token that still lives", async () => {
  const refresh = vi.fn(() => Promise.resolve(grant()));
  const { session } = setUp({ refresh });
  const first = await session.renew();
  refresh.mockImplementation(() => Promise.reject(new ApiError(0, "network")));
  vi.setSystemTime(Date.now() + 575_000);
  expect(await session.validToken()).toBe(first);
});

test("files are opened before anything that shows files, and failing to is not fatal", async () => {
  const { session, ports } = setUp({ openFiles: vi.fn(() => Promise.reject(new Error("down"))) });
  await session.login("olena", "secret-secret");
  expect(ports.openFiles).toHaveBeenCalledTimes(1);
  expect(session.getState().phase).toBe("signed-in");
});

test("somebody else's session means a fresh page", async () => {
  const refresh = vi.fn(() => Promise.resolve(grant(1)));
  const { session, ports } = setUp({ refresh });
  await session.renew();
  refresh.mockImplementation(() => Promise.resolve(grant(2)));
  await expect(session.renew()).rejects.toMatchObject({ code: "signed_out" });
  expect(ports.reload).toHaveBeenCalled();
});

test("leaving in one tab is leaving in all", async () => {
  vi.useRealTimers();
  const here = setUp();
  const there = setUp();
  await here.session.renew();
  await there.session.renew();
  await here.session.logout();
  await vi.waitFor(() => expect(there.session.getState()).toEqual({ phase: "signed-out", reason: "left" }));
  expect(there.ports.logout).not.toHaveBeenCalled();
});
