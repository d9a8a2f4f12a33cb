import { fullJitter, pause } from "@/lib/backoff";
import { Emitter } from "@/lib/emitter";
import { ApiError, toApiError } from "./errors";

export interface Grant {
  access_token: string;
  /** Seconds. */
  expires_in: number;
}

export type SessionState =
  | { phase: "starting" | "retrying" }
  | { phase: "signed-in"; userId: number }
  | { phase: "signed-out"; reason: "none" | "left" | "ended" };

export interface SessionPorts {
  refresh(): Promise<Grant>;
  login(username: string, password: string): Promise<Grant>;
  logout(token: string | null): Promise<void>;
  /** Gives <img> and <a> the cookie that opens files; failing is not fatal. */
  openFiles(token: string): Promise<void>;
  /** Remembers, without any secret, that this browser has a session: saves a pointless request when it has none. */
  hint: { read(): boolean; write(present: boolean): void };
  reload(): void;
  now(): number;
}

type TabMessage = { type: "signed-in"; userId: number } | { type: "signed-out" };

function subjectOf(token: string): number {
  const payload = token.split(".")[1] ?? "";
  const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { sub: string };
  return Number(claims.sub);
}

/** The only holder of the access token. It lives in memory; the refresh token is an HttpOnly cookie nobody here can see. */
export class Session {
  readonly changes = new Emitter<SessionState>();
  readonly tokens = new Emitter<string>();
  private state: SessionState = { phase: "starting" };
  private token: string | null = null;
  private issuedAt = 0;
  private lifetime = 0;
  private inFlight: Promise<string> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ports: SessionPorts;
  private readonly tabs: BroadcastChannel;

  constructor(ports: SessionPorts) {
    this.ports = ports;
    this.tabs = new BroadcastChannel("communication.session");
    this.tabs.addEventListener("message", (event: MessageEvent<TabMessage>) => this.hear(event.data));
  }

  getState = (): SessionState => this.state;

  subscribe = (listener: () => void): (() => void) => this.changes.on(listener);

  /** Finds out who is here. Only a dead session means "signed out": no network means "not known yet". */
  async start(): Promise<void> {
    if (!this.ports.hint.read()) {
      this.set({ phase: "signed-out", reason: "none" });
      return;
    }
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.renew();
        return;
      } catch (error) {
        if (this.state.phase === "signed-out") return;
        this.set({ phase: "retrying" });
        const wait = toApiError(error).retryAfter;
        await pause(wait === null ? 500 + fullJitter(attempt, 1000, 15_000) : wait * 1000);
      }
    }
  }

  async login(username: string, password: string): Promise<void> {
    const grant = await this.ports.login(username, password);
    await this.adopt(grant);
    if (this.state.phase === "signed-in") this.tell({ type: "signed-in", userId: this.state.userId });
  }

  async logout(): Promise<void> {
    const token = this.token;
    this.end("left");
    this.tell({ type: "signed-out" });
    await this.ports.logout(token);
  }

  /** The session is known to be over (account deleted, ended elsewhere). */
  end(reason: "left" | "ended"): void {
    clearTimeout(this.timer);
    this.token = null;
    this.ports.hint.write(false);
    if (this.state.phase !== "signed-out") this.set({ phase: "signed-out", reason });
  }

  /** A token with enough life left for one request. */
  async validToken(): Promise<string> {
    if (this.state.phase === "signed-out") throw new ApiError(401, "signed_out");
    const left = this.issuedAt + this.lifetime - this.ports.now();
    if (this.token && left > Math.min(30_000, this.lifetime * 0.2)) return this.token;
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
    this.inFlight ??= this.refreshOnce().finally(() => {
      this.inFlight = null;
    });
    return this.inFlight;
  }

  private async refreshOnce(): Promise<string> {
    try {
      return await this.adopt(await this.ports.refresh());
    } catch (error) {
      const failure = toApiError(error);
      if (failure.status === 400 || failure.status === 401) this.end("ended");
      throw failure;
    }
  }

  private async adopt(grant: Grant): Promise<string> {
    const userId = subjectOf(grant.access_token);
    if (this.state.phase === "signed-in" && this.state.userId !== userId) {
      // Another tab signed in as somebody else; nothing on this screen belongs to them.
      this.ports.reload();
      throw new ApiError(401, "signed_out");
    }
    this.token = grant.access_token;
    this.issuedAt = this.ports.now();
    this.lifetime = grant.expires_in * 1000;
    this.ports.hint.write(true);
    this.schedule(this.lifetime * 0.8);
    await this.ports.openFiles(grant.access_token).catch(() => undefined);
    if (this.state.phase !== "signed-in") this.set({ phase: "signed-in", userId });
    this.tokens.emit(grant.access_token);
    return grant.access_token;
  }

  private schedule(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // The old token still has a fifth of its life: try again soon, `validToken` insists when it must.
      this.renew().catch((error: unknown) => {
        if (this.token) this.schedule((toApiError(error).retryAfter ?? 5) * 1000);
      });
    }, delay);
  }

  private hear(message: TabMessage): void {
    if (message.type === "signed-out") this.end("left");
    else if (this.state.phase === "signed-out") {
      this.ports.hint.write(true);
      void this.start();
    } else if (this.state.phase === "signed-in" && this.state.userId !== message.userId) this.ports.reload();
  }

  private tell(message: TabMessage): void {
    this.tabs.postMessage(message);
  }

  private set(state: SessionState): void {
    this.state = state;
    this.changes.emit(state);
  }
}
