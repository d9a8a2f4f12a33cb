import { bare } from "./client";
import * as sdk from "./generated/auth/sdk.gen";
import type { Registration } from "./generated/auth/types.gen";
import type { Me, PeoplePage, SessionInfo, User } from "./types";

export type { Registration };

const PAGE = 30;

export async function register(body: Registration): Promise<User> {
  return (await sdk.register({ body, axios: bare, throwOnError: true })).data;
}

export async function getMe(): Promise<Me> {
  return (await sdk.readMe({ throwOnError: true })).data;
}

export async function renameMe(displayName: string): Promise<Me> {
  return (await sdk.changeMe({ body: { display_name: displayName }, throwOnError: true })).data;
}

export async function deleteMe(password: string): Promise<void> {
  await sdk.deleteMe({ body: { password }, throwOnError: true });
}

export async function changePassword(current: string, next: string): Promise<void> {
  await sdk.changePassword({ body: { current_password: current, new_password: next }, throwOnError: true });
}

export async function listSessions(): Promise<SessionInfo[]> {
  return (await sdk.listSessions({ throwOnError: true })).data;
}

export async function endSession(sessionId: string): Promise<void> {
  await sdk.endSession({ path: { session_id: sessionId }, throwOnError: true });
}

export async function endOtherSessions(): Promise<void> {
  await sdk.endOtherSessions({ throwOnError: true });
}

export async function searchPeople(query: string, cursor: string | null, signal?: AbortSignal): Promise<PeoplePage> {
  const wanted = { limit: PAGE, ...(query ? { q: query } : {}), ...(cursor === null ? {} : { cursor }) };
  return (await sdk.searchPeople({ query: wanted, signal, throwOnError: true })).data;
}

export async function getUser(userId: number): Promise<User> {
  return (await sdk.readUser({ path: { user_id: userId }, throwOnError: true })).data;
}
