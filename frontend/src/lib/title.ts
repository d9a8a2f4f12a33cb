import { useEffect } from "react";
import { createStore } from "zustand/vanilla";

const NAME = "Communication";
const ICONS = { quiet: "/favicon.svg", unread: "/favicon-unread.svg" };

/** What the browser's tab says: how many wait, and which page it is. */
const parts = createStore<{ page: string | null; unread: number }>(() => ({ page: null, unread: 0 }));

parts.subscribe(({ page, unread }) => {
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${page === null ? "" : `${page} · `}${NAME}`;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  const wanted = unread > 0 ? ICONS.unread : ICONS.quiet;
  if (icon && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
});

export function usePageTitle(page: string): void {
  useEffect(() => {
    parts.setState({ page });
    return () => parts.setState({ page: null });
  }, [page]);
}

export function useUnreadTitle(unread: number): void {
  useEffect(() => {
    parts.setState({ unread });
    return () => parts.setState({ unread: 0 });
  }, [unread]);
}
