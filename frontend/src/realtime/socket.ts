import { ApiError } from "@/api/errors";
import { fullJitter } from "@/lib/backoff";
import { onWake } from "@/lib/wake";
import type { ClientFrame, ServerFrame } from "@/api/types";

const SILENCE_MS = 35_000;
/** After waking up a connection that looks open may long be dead: it has to answer. */
const PROOF_MS = 10_000;
const AUTH_RETRY_MS = 2000;
const REPLY_MS = 10_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 20_000;
const OFFLINE_ATTEMPT = 6;

/** Codes of an `error` frame that say "not now" rather than "never". */
const TRANSIENT_CODES = new Set(["too_many_requests", "unavailable", "internal_error", "unauthenticated"]);

export interface SocketPorts {
  url(): string;
  token(): Promise<string>;
  /** The server says the token is not good any more. */
  renew(): Promise<unknown>;
  /** The handshake failed, and a browser does not tell why: ask over REST (which also finds out about a dead session). */
  probe(): Promise<void>;
  onFrame(frame: ServerFrame): void;
  onStatus(open: boolean): void;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: ApiError): void;
  timer: ReturnType<typeof setTimeout>;
}

/** One WebSocket that comes back by itself. Knows frames as envelopes only; what events mean is not its business. */
export class Socket {
  private readonly ports: SocketPorts;
  private socket: WebSocket | null = null;
  private running = false;
  private ready = false;
  private connecting = false;
  private attempt = 0;
  /** What the server last let this connection live by, and what it should. */
  private usedToken: string | null = null;
  private newToken: string | null = null;
  private authTimer: ReturnType<typeof setTimeout> | undefined;
  private forgetWake: () => void = () => undefined;
  private lastFrameAt = 0;
  private nextId = 1;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<string, Waiting>();

  constructor(ports: SocketPorts) {
    this.ports = ports;
  }

  get isReady(): boolean {
    return this.ready;
  }

  start(): void {
    this.running = true;
    this.forgetWake = onWake(this.hurry);
    void this.connect();
  }

  stop(): void {
    this.running = false;
    this.forgetWake();
    clearTimeout(this.retryTimer);
    this.drop(1000);
  }

  /** Hands over a renewed token of the same session: the connection stays. */
  authenticate(token: string): void {
    this.newToken = token;
    // While it connects, `ready` comes back to this.
    if (!this.ready || token === this.usedToken) return;
    clearTimeout(this.authTimer);
    const socket = this.socket;
    this.request({ type: "auth", token }).then(
      () => {
        if (socket === this.socket) this.usedToken = token;
      },
      (error: ApiError) => {
        if (socket !== this.socket || token !== this.newToken || !error.isTransient) return;
        this.authTimer = setTimeout(() => this.authenticate(token), (error.retryAfter ?? 0) * 1000 || AUTH_RETRY_MS);
      },
    );
  }

  /** Starts over at once, where the last connection stopped: another session took over. */
  reconnect(): void {
    if (!this.running) return;
    this.newToken = null;
    this.drop();
    this.attempt = 0;
    void this.connect();
  }

  /** Sends and waits for the `ok` or `error` that repeats the id. */
  request(frame: ClientFrame): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.transmit(frame);
      if (id === null) {
        reject(new ApiError(0, "disconnected"));
        return;
      }
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new ApiError(0, "timeout"));
      }, REPLY_MS);
      this.waiting.set(id, { resolve, reject, timer });
    });
  }

  /** Sends if there is somebody to hear it; nothing is lost if not. */
  notify(frame: ClientFrame): boolean {
    return this.transmit(frame) !== null;
  }

  private transmit(frame: ClientFrame): string | null {
    if (!this.ready || this.socket?.readyState !== WebSocket.OPEN) return null;
    const id = String(this.nextId++);
    this.socket.send(JSON.stringify({ ...frame, id }));
    return id;
  }

  private readonly hurry = (): void => {
    if (!this.running) return;
    if (this.socket && Date.now() - this.lastFrameAt > SILENCE_MS) this.drop();
    else if (this.notify({ type: "ping" })) this.expectLife(PROOF_MS);
    if (this.socket || this.connecting) return;
    this.attempt = 0;
    void this.connect();
  };

  private async connect(): Promise<void> {
    if (!this.running || this.socket || this.connecting) return;
    clearTimeout(this.retryTimer);
    this.connecting = true;
    try {
      const token = await this.ports.token();
      if (this.running) this.open(token);
    } catch {
      this.retry();
    } finally {
      this.connecting = false;
    }
  }

  private open(token: string): void {
    const socket = new WebSocket(this.ports.url(), ["chat.v1", `bearer.${token}`]);
    this.socket = socket;
    this.usedToken = token;
    this.heard();
    socket.addEventListener("message", (message: MessageEvent<string>) => {
      if (socket === this.socket) this.receive(message.data);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.socket) void this.closed(event.code);
    });
  }

  private receive(text: string): void {
    this.heard();
    const frame = JSON.parse(text) as ServerFrame;
    if (frame.type === "ready") {
      this.attempt = 0;
      this.ready = true;
      if (this.newToken !== null) this.authenticate(this.newToken);
      this.ports.onStatus(true);
    } else if (frame.type === "ok") this.settle(frame.id, (waiting) => waiting.resolve(frame.result));
    else if (frame.type === "error" && frame.id !== null) {
      const isTransient = frame.retry_after !== null || TRANSIENT_CODES.has(frame.code);
      const error = new ApiError(isTransient ? 429 : 400, frame.code, frame.retry_after);
      this.settle(frame.id, (waiting) => waiting.reject(error));
    }
    // Any frame is life; a browser answers protocol pings by itself, this also covers proxies that swallow those.
    else if (frame.type === "ping") this.notify({ type: "ping" });
    this.ports.onFrame(frame);
  }

  private settle(id: string, how: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.waiting.delete(id);
    how(waiting);
  }

  private heard(): void {
    this.lastFrameAt = Date.now();
    this.expectLife(SILENCE_MS);
  }

  private expectLife(within: number): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      this.drop();
      this.retry();
    }, within);
  }

  /** Lets go of the present connection without waiting for the close handshake of a peer that may be gone. */
  private drop(code?: number): void {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.silenceTimer);
    clearTimeout(this.authTimer);
    for (const id of this.waiting.keys()) this.settle(id, (waiting) => waiting.reject(new ApiError(0, "disconnected")));
    if (this.ready) {
      this.ready = false;
      this.ports.onStatus(false);
    }
    socket?.close(code);
  }

  private async closed(code: number): Promise<void> {
    const wasReady = this.ready;
    this.drop();
    try {
      if (code === 4401 || code === 4403) await this.ports.renew();
      else if (!wasReady) await this.ports.probe();
    } catch {
      // Whatever is wrong, the next attempt finds out again; a dead session stops this socket from outside.
    }
    this.retry(code === 4429 ? 4 : 0);
  }

  private retry(atLeast = 0): void {
    if (!this.running) return;
    clearTimeout(this.retryTimer);
    // "Offline" is often, not always, true (a server on this very machine): then rarely instead of never.
    this.attempt = Math.max(this.attempt, navigator.onLine ? atLeast : OFFLINE_ATTEMPT);
    this.retryTimer = setTimeout(() => void this.connect(), fullJitter(this.attempt, FIRST_DELAY_MS, MAX_DELAY_MS));
    this.attempt += 1;
  }
}
