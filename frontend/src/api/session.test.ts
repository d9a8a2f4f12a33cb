import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "./errors";
import { type Grant, Session, type SessionPorts } from "./session";

let serial = 0;

const DAY = 86_400_000;

/** As from a server whose clock is `ahead` of this computer's. */
function grant(sub = 1, sid = "s1", ahead = 0): Grant {
  serial += 1;
  const serverNow = Date.now() + ahead;
  const claims = { sub: String(sub), sid, jti: serial, iat: Math.floor(serverNow / 1000) };
  return {
    access_token: `h.${btoa(JSON.stringify(claims))}.s`,
    expires_in: 600,
    session_expires_at: new Date(serverNow + 90 * DAY).toISOString(),
  };
}

const fails = (status: number, code: string, retryAfter: number | null = null) => () =>
  Promise.reject(new ApiError(status, code, retryAfter));

/** An answer that comes when the test says so. */
function later<T>() {
  let answer: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (answer = resolve));
  return { promise, answer };
}

function setUp(ports: Partial<SessionPorts> = {}) {
  let hint: number | null = 1;
  let wake: () => void = () => undefined;
  const all = {
    refresh: vi.fn(() => Promise.resolve(grant())),
    login: vi.fn(() => Promise.resolve(grant())),
    logout: vi.fn(() => Promise.resolve()),
    openFiles: vi.fn(() => Promise.resolve()),
    hint: { read: () => hint, write: (since: number | null) => void (hint = since) },
    onWake: (listener: () => void) => void (wake = listener),
    reload: vi.fn(),
    now: () => Date.now(),
    ...ports,
  };
  return { ports: all, session: new Session(all), hasHint: () => hint !== null, wake: () => wake() };
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
  session.tokens.on(({ token }) => seen.push(token));
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
  expect(session.getState()).toMatchObject({ phase: "signed-in", userId: 7 });
});

test("a dead session is a logout", async () => {
  const { session, hasHint } = setUp({ refresh: () => Promise.reject(new ApiError(400, "invalid_grant")) });
  await session.start();
  expect(session.getState()).toEqual({ phase: "signed-out", reason: "ended" });
  expect(hasHint()).toBe(false);
  await expect(session.validToken()).rejects.toMatchObject({ status: 401 });
});

test("without a hint of a session nobody is asked", async () => {
  const { session, ports } = setUp({ hint: { read: () => null, write: () => undefined } });
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

test("only a dead session is a logout, whatever else a refresh answers", async () => {
  const refresh = vi.fn(() => Promise.resolve(grant()));
  const { session } = setUp({ refresh });
  await session.renew();
  const others: [number, string][] = [[0, "network"], [400, "invalid_request"], [400, "http_400"], [401, "unauthenticated"], [403, "bad_origin"], [404, "not_found"], [500, "internal_error"], [502, "http_502"], [503, "unavailable"]];
  for (const [status, code] of others) {
    refresh.mockImplementationOnce(fails(status, code));
    await expect(session.renew()).rejects.toMatchObject({ status });
    expect(session.getState().phase).toBe("signed-in");
  }
  refresh.mockImplementationOnce(fails(400, "token_reuse"));
  await expect(session.renew()).rejects.toMatchObject({ code: "token_reuse" });
  expect(session.getState()).toEqual({ phase: "signed-out", reason: "ended" });
});

test("a server that asks to wait is not asked again before that", async () => {
  const refresh = vi.fn(fails(429, "too_many_requests", 20));
  const { session } = setUp({ refresh });
  await expect(session.renew()).rejects.toMatchObject({ retryAfter: 20 });
  await vi.advanceTimersByTimeAsync(15_000);
  await expect(session.validToken()).rejects.toMatchObject({ status: 429, retryAfter: 5 });
  expect(refresh).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(5000);
  await expect(session.renew()).rejects.toMatchObject({ retryAfter: 20 });
  expect(refresh).toHaveBeenCalledTimes(2);
});

test("a renewal that failed is tried again while the old token still lives", async () => {
  const refresh = vi.fn(() => Promise.resolve(grant()));
  const { session } = setUp({ refresh });
  const first = await session.renew();
  refresh.mockImplementationOnce(fails(503, "unavailable")).mockImplementationOnce(fails(0, "network"));
  await vi.advanceTimersByTimeAsync(480_000 + 2 * 10_000 + 1);
  expect(refresh).toHaveBeenCalledTimes(4);
  expect(await session.validToken()).not.toBe(first);
});

test("after a sleep the token is renewed before anything else asks; in a fresh one's life nothing happens", async () => {
  const { session, ports, wake } = setUp();
  const first = await session.renew();
  wake();
  expect(ports.refresh).toHaveBeenCalledTimes(1);
  vi.setSystemTime(Date.now() + 5 * 3_600_000);
  wake();
  expect(ports.refresh).toHaveBeenCalledTimes(2);
  expect(await session.validToken()).not.toBe(first);
  expect(ports.refresh).toHaveBeenCalledTimes(2);
});

test("a refresh that comes back after leaving signs nobody in, and nobody asks after that", async () => {
  const answer = later<Grant>();
  const refresh = vi.fn(() => Promise.resolve(grant()));
  const { session, hasHint } = setUp({ refresh });
  await session.renew();
  refresh.mockImplementationOnce(() => answer.promise);
  const late = session.renew();
  await session.logout();
  answer.answer(grant());
  await expect(late).rejects.toMatchObject({ code: "signed_out" });
  expect(session.getState().phase).toBe("signed-out");
  expect(hasHint()).toBe(false);
  await expect(session.replace("old")).rejects.toMatchObject({ code: "signed_out" });
  expect(refresh).toHaveBeenCalledTimes(2);
});

test("leaving while offline is told to the server as soon as it can be", async () => {
  const logout = vi.fn(() => Promise.resolve());
  const { session } = setUp({ logout });
  const token = await session.renew();
  logout.mockImplementationOnce(fails(0, "network")).mockImplementationOnce(fails(503, "unavailable"));
  void session.logout();
  expect(session.getState()).toEqual({ phase: "signed-out", reason: "left" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(logout).toHaveBeenCalledTimes(3);
  expect(logout).toHaveBeenLastCalledWith(token);
});

test("the end of a session is told by this computer's clock, and stays put when the token is renewed", async () => {
  const { session } = setUp({ refresh: vi.fn(() => Promise.resolve(grant(1, "s1", -3 * DAY))) });
  const changes = vi.fn();
  session.subscribe(changes);
  await session.renew();
  const state = session.getState();
  if (state.phase !== "signed-in") throw new Error(state.phase);
  expect(Math.abs(state.endsAt - Date.now() - 90 * DAY)).toBeLessThan(1000);
  await session.renew();
  expect(session.getState()).toBe(state);
  expect(changes).toHaveBeenCalledTimes(1);
});

test("signing in again moves to the new session without leaving", async () => {
  const { session, hasHint } = setUp({ login: vi.fn(() => Promise.resolve(grant(1, "s2"))) });
  await session.renew();
  const tokens: boolean[] = [];
  session.tokens.on(({ sameSession }) => tokens.push(sameSession));
  const phases: string[] = [];
  session.subscribe(() => phases.push(session.getState().phase));
  await session.login("olena", "secret-secret");
  expect(session.getState()).toMatchObject({ phase: "signed-in", sessionId: "s2", startedAt: Date.now() });
  expect(phases).toEqual(["signed-in"]);
  expect(tokens).toEqual([false]);
  expect(hasHint()).toBe(true);
});

test("signing in again in one tab takes the other tabs along", async () => {
  vi.useRealTimers();
  const here = setUp({ login: vi.fn(() => Promise.resolve(grant(1, "s2"))) });
  const refresh = vi.fn(() => Promise.resolve(grant()));
  const there = setUp({ refresh });
  await here.session.renew();
  await there.session.renew();
  refresh.mockImplementation(() => Promise.resolve(grant(1, "s2")));
  await here.session.login("olena", "secret-secret");
  await vi.waitFor(() => expect(there.session.getState()).toMatchObject({ phase: "signed-in", sessionId: "s2" }));
});

test("a tab at the login page follows one that signed in, also when the network fails it at first", async () => {
  vi.useRealTimers();
  const here = setUp();
  const refresh = vi.fn(() => Promise.resolve(grant()));
  const there = setUp({ refresh });
  there.session.end("ended");
  refresh.mockImplementationOnce(fails(0, "network"));
  await here.session.login("olena", "secret-secret");
  await vi.waitFor(() => expect(there.session.getState().phase).toBe("signed-in"), { timeout: 3000 });
});

test("nothing waits any more for files that were opened", async () => {
  const { session } = setUp();
  await session.renew();
  session.end("ended");
  expect(vi.getTimerCount()).toBe(0);
});
