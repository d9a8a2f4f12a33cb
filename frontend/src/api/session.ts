import { fullJitter, pause } from "@/lib/backoff";
import { Emitter } from "@/lib/emitter";
import type { Lifespan } from "@/lib/ending";
import { ApiError, toApiError } from "./errors";

export interface Grant {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  /** When the session ends for good, however often it is renewed. */
  session_expires_at: string;
}

interface SignedIn extends Lifespan {
  phase: "signed-in";
  userId: number;
  sessionId: string;
}

export type SessionState =
  | { phase: "starting" | "retrying" }
  | SignedIn
  | { phase: "signed-out"; reason: "none" | "left" | "ended" };

export interface SessionPorts {
  refresh(): Promise<Grant>;
  login(username: string, password: string): Promise<Grant>;
  logout(token: string | null): Promise<void>;
  /** Gives <img> and <a> the cookie that opens files; failing is not fatal. */
  openFiles(token: string): Promise<void>;
  /** Remembers, without any secret, since when this browser has a session: without one nobody needs to be asked. */
  hint: { read(): number | null; write(since: number | null): void };
  /** Timers may be hours late after this. */
  onWake(listener: () => void): void;
  reload(): void;
  now(): number;
}

export interface NewToken {
  token: string;
  /** It renews what the last one was for; otherwise somebody signed in anew. */
  sameSession: boolean;
}

type TabMessage = { type: "signed-in"; userId: number } | { type: "signed-out" };

interface Claims {
  sub: string;
  sid: string;
  /** Seconds, by the server's clock. */
  iat: number;
}

const RENEW_AT = 0.8;
const MAX_WAIT_MS = 60_000;
const FILES_PATIENCE_MS = 5000;
const DEAD_CODES = new Set(["invalid_grant", "token_reuse"]);

function claimsOf(token: string): Claims {
  const payload = token.split(".")[1] ?? "";
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as Claims;
}

const isDead = (failure: ApiError) => failure.status === 400 && DEAD_CODES.has(failure.code);
const signedOut = () => new ApiError(401, "signed_out");

/** The only holder of the access token. It lives in memory; the refresh token is an HttpOnly cookie nobody here can see. */
export class Session {
  readonly changes = new Emitter<SessionState>();
  readonly tokens = new Emitter<NewToken>();
  private state: SessionState = { phase: "starting" };
  private token: string | null = null;
  private issuedAt = 0;
  private lifetime = 0;
  private inFlight: Promise<string> | null = null;
  private leaving: Promise<void> | null = null;
  /** Signing in or out makes what is still on its way from before meaningless. */
  private era = 0;
  /** What the server said when it asked to wait, and until when. */
  private refusal: { failure: ApiError; until: number } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ports: SessionPorts;
  private readonly tabs: BroadcastChannel;

  constructor(ports: SessionPorts) {
    this.ports = ports;
    this.tabs = new BroadcastChannel("communication.session");
    this.tabs.addEventListener("message", (event: MessageEvent<TabMessage>) => this.hear(event.data));
    ports.onWake(() => {
      if (this.token && this.age() >= this.lifetime * RENEW_AT) void this.renew().catch(() => undefined);
    });
  }

  getState = (): SessionState => this.state;

  subscribe = (listener: () => void): (() => void) => this.changes.on(listener);

  /** Finds out who is here. Only a dead session means "signed out": no network means "not known yet". */
  async start(): Promise<void> {
    if (this.ports.hint.read() === null) {
      this.set({ phase: "signed-out", reason: "none" });
      return;
    }
    if (this.state.phase === "signed-out") this.set({ phase: "starting" });
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.renew();
        return;
      } catch (error) {
        if (this.state.phase === "signed-out" || this.state.phase === "signed-in") return;
        this.set({ phase: "retrying" });
        const wait = toApiError(error).retryAfter;
        await pause((wait === null ? 500 : wait * 1000) + fullJitter(wait === null ? attempt : 0, 1000, 15_000));
      }
    }
  }

  /** Also for somebody who is signed in, to start a new session before the present one ends. */
  async login(username: string, password: string): Promise<void> {
    await this.settled();
    const grant = await this.ports.login(username, password);
    this.turnPage();
    this.ports.hint.write(this.ports.now());
    this.tabs.postMessage({ type: "signed-in", userId: Number(claimsOf(grant.access_token).sub) } satisfies TabMessage);
    await this.adopt(grant);
  }

  async logout(): Promise<void> {
    const token = this.token;
    this.end("left");
    this.tabs.postMessage({ type: "signed-out" } satisfies TabMessage);
    const era = this.era;
    for (let attempt = 0; era === this.era; attempt += 1) {
      try {
        this.leaving = this.ports.logout(token);
        await this.leaving;
        return;
      } catch (error) {
        // Here it is over at once; the server has to hear of it too, also when it cannot just now.
        if (!toApiError(error).isTransient) throw error;
        await pause(1000 + fullJitter(attempt, 1000, 30_000));
      }
    }
  }

  /** The session is known to be over (account deleted, ended elsewhere). */
  end(reason: "left" | "ended"): void {
    clearTimeout(this.timer);
    this.turnPage();
    this.token = null;
    this.ports.hint.write(null);
    if (this.state.phase !== "signed-out") this.set({ phase: "signed-out", reason });
  }

  /** A token with enough life left for one request. */
  async validToken(): Promise<string> {
    const left = this.lifetime - this.age();
    if (this.token && left > Math.min(30_000, this.lifetime * (1 - RENEW_AT))) return this.token;
    try {
      return await this.renew();
    } catch (error) {
      if (this.token && left > 0) return this.token;
      throw error;
    }
  }

  /** After a 401: refresh, unless somebody already replaced the refused token. */
  replace(refused: string | null): Promise<string> {
    return this.token && this.token !== refused ? Promise.resolve(this.token) : this.renew();
  }

  /** One refresh at a time in this tab; tabs among themselves are made harmless by the server's grace period. */
  renew(): Promise<string> {
    if (this.state.phase === "signed-out") return Promise.reject(signedOut());
    if (this.inFlight) return this.inFlight;
    const left = (this.refusal?.until ?? 0) - this.ports.now();
    if (this.refusal && left > 0 && left <= MAX_WAIT_MS) {
      return Promise.reject(new ApiError(this.refusal.failure.status, this.refusal.failure.code, Math.ceil(left / 1000)));
    }
    const mine = this.refreshOnce().finally(() => {
      if (this.inFlight === mine) this.inFlight = null;
    });
    this.inFlight = mine;
    return mine;
  }

  private async refreshOnce(): Promise<string> {
    const era = this.era;
    try {
      const grant = await this.ports.refresh();
      if (era === this.era) return await this.adopt(grant);
    } catch (error) {
      const failure = toApiError(error);
      if (era !== this.era) throw failure;
      if (isDead(failure)) this.end("ended");
      else if (this.token) this.tryAgain(failure);
      if (failure.retryAfter !== null) {
        this.refusal = { failure, until: this.ports.now() + Math.min(failure.retryAfter * 1000, MAX_WAIT_MS) };
      }
      throw failure;
    }
    if (this.token) return this.token;
    throw signedOut();
  }

  private async adopt(grant: Grant): Promise<string> {
    const { sub, sid, iat } = claimsOf(grant.access_token);
    const before = this.state.phase === "signed-in" ? this.state : null;
    if (before && before.userId !== Number(sub)) {
      // Another tab signed in as somebody else; nothing on this screen belongs to them.
      this.ports.reload();
      throw signedOut();
    }
    const now = this.ports.now();
    this.token = grant.access_token;
    this.issuedAt = now;
    this.lifetime = grant.expires_in * 1000;
    this.refusal = null;
    this.schedule(this.lifetime * RENEW_AT);
    const startedAt = this.ports.hint.read() ?? now;
    this.ports.hint.write(startedAt);
    const sameSession = before?.sessionId === sid;
    this.tokens.emit({ token: grant.access_token, sameSession });
    const opened = this.ports.openFiles(grant.access_token).catch(() => undefined);
    if (!before) {
      const era = this.era;
      const patience = new AbortController();
      await Promise.race([opened, pause(FILES_PATIENCE_MS, patience.signal)]);
      patience.abort();
      if (era !== this.era) throw signedOut();
    }
    if (!sameSession) {
      // By this computer's clock, which may be wrong: the token says what time it was for the server.
      const endsAt = now + Date.parse(grant.session_expires_at) - iat * 1000;
      this.set({ phase: "signed-in", userId: Number(sub), sessionId: sid, startedAt, endsAt });
    }
    return grant.access_token;
  }

  private age(): number {
    return this.ports.now() - this.issuedAt;
  }

  /** The old token still has a fifth of its life: soon again, before that is over. */
  private tryAgain(failure: ApiError): void {
    const soon = Math.min(5000, Math.max(500, this.lifetime * 0.05));
    const wait = failure.retryAfter === null ? soon : Math.min(failure.retryAfter * 1000, MAX_WAIT_MS);
    this.schedule(wait + fullJitter(0, soon, soon));
  }

  private schedule(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew().catch(() => undefined), delay);
  }

  /** Refreshing and leaving change the cookie too, and must not do so after signing in did. */
  private async settled(): Promise<void> {
    await Promise.allSettled([this.inFlight, this.leaving]);
  }

  private turnPage(): void {
    this.era += 1;
    this.inFlight = null;
    this.refusal = null;
  }

  private hear(message: TabMessage): void {
    if (message.type === "signed-out") this.end("left");
    else if (this.state.phase === "signed-out") {
      if (this.ports.hint.read() === null) this.ports.hint.write(this.ports.now());
      void this.start();
    } else if (this.state.phase === "signed-in") {
      if (this.state.userId !== message.userId) this.ports.reload();
      // The cookie is of the new session by now: move there together.
      else void this.settled().then(() => this.renew()).catch(() => undefined);
    }
  }

  private set(state: SessionState): void {
    this.state = state;
    this.changes.emit(state);
  }
}
