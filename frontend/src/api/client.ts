import axios, { type AxiosError, type AxiosInstance, type InternalAxiosRequestConfig } from "axios";
import { readPreference, writePreference } from "@/lib/preferences";
import { onWake } from "@/lib/wake";
import { toApiError } from "./errors";
import { client as authClient } from "./generated/auth/client.gen";
import * as auth from "./generated/auth/sdk.gen";
import { client as chatClient } from "./generated/chat/client.gen";
import * as chat from "./generated/chat/sdk.gen";
import { Session } from "./session";

const HINT = "signed-in";

/** Without the bearer: signing in, refreshing and leaving. */
export const bare: AxiosInstance = axios.create({ headers: { "X-Requested-With": "fetch" }, timeout: 20_000 });

bare.interceptors.response.use(undefined, (error: AxiosError) => {
  throw toApiError(error);
});

/** Calls that stand outside the session, or make it. */
const outside = { axios: bare, throwOnError: true } as const;
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

export const session = new Session({
  refresh: async () => (await auth.refresh(outside)).data,
  login: async (username, password) =>
    (await auth.login({ ...outside, body: { grant_type: "password", username, password } })).data,
  logout: async (token) => {
    await auth.logout({ ...outside, ...(token ? bearer(token) : {}) });
  },
  openFiles: async (token) => {
    await chat.grantFileAccess({ ...outside, ...bearer(token) });
  },
  hint: {
    read: () => {
      const since = readPreference(HINT);
      if (since === null) return /(?:^|; )signed_in=1/.test(document.cookie) ? Date.now() : null;
      return Number(since) || null;
    },
    // "0" also overrules the cookie, which is still there when somebody left while offline.
    write: (since) => writePreference(HINT, String(since ?? 0)),
  },
  onWake,
  reload: () => window.location.reload(),
  now: () => Date.now(),
});

interface Replayable extends InternalAxiosRequestConfig {
  replayed?: boolean;
  usedToken?: string;
}

/** Everything else: carries the bearer, and survives one 401 by refreshing. Rejects with ApiError only. */
export const http: AxiosInstance = axios.create({ timeout: 30_000 });

http.interceptors.request.use(async (config: Replayable) => {
  config.usedToken = await session.validToken();
  config.headers.set("Authorization", `Bearer ${config.usedToken}`);
  return config;
});

http.interceptors.response.use(undefined, async (error: AxiosError) => {
  const config = error.config as Replayable | undefined;
  if (error.response?.status !== 401 || !config || config.replayed) throw toApiError(error);
  config.replayed = true;
  await session.replace(config.usedToken ?? null);
  return http.request(config);
});

for (const client of [authClient, chatClient]) client.setConfig({ axios: http, throwOnError: true });
