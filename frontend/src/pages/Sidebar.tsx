import { LogOut, NotebookPen, Search, Settings as SettingsIcon, UserRound, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useAuth } from "@/api/AuthProvider";
import { Avatar } from "@/components/ui/Avatar";
import { IconButton } from "@/components/ui/Button";
import { Mark } from "@/components/ui/Logo";
import { Menu } from "@/components/ui/Menu";
import { ConversationList } from "@/features/conversations/ConversationList";
import { PeopleResults } from "@/features/people/PeopleResults";
import { useUser } from "@/features/people/usePeer";
import { nameOf } from "@/i18n/names";
import { useEngine } from "@/realtime/provider";

function AccountMenu() {
  const { t } = useTranslation();
  const { logout } = useAuth();
  const { me } = useEngine();
  const navigate = useNavigate();
  const account = useUser(me, true).data;
  return (
    <Menu
      label={account ? nameOf(account, t) : t("chats.settings")}
      icon={account ? <Avatar name={nameOf(account, t)} seed={me} size="sm" /> : <UserRound size={21} aria-hidden />}
      items={[
        { action: "notes", label: t("people.me"), icon: <NotebookPen size={18} aria-hidden />, run: () => void navigate(`/chat/${me}`) },
        { action: "settings", label: t("chats.settings"), icon: <SettingsIcon size={18} aria-hidden />, run: () => void navigate("/settings") },
        { action: "logout", label: t("auth.logout"), icon: <LogOut size={18} aria-hidden />, run: () => void logout().catch(() => undefined) },
      ]}
    />
  );
}

export function Sidebar({ className }: { className: string }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  return (
    <nav aria-label={t("chats.navigation")} className={className}>
      <div className="flex h-17 shrink-0 items-center gap-3 px-4">
        <Mark className="size-9 rounded-xl" />
        <h2 className="flex-1 text-xl font-semibold">{t("chats.title")}</h2>
        <AccountMenu />
      </div>
      <search className="relative block px-4 pb-3">
        <Search size={18} aria-hidden className="pointer-events-none absolute top-3 left-7.5 text-muted" />
        <input
          type="search"
          aria-label={t("people.search")}
          placeholder={t("people.search")}
          autoComplete="off"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && setQuery("")}
          className="h-11 w-full rounded-xl border border-field/60 bg-raised pr-11 pl-10.5 placeholder:text-muted focus:border-accent [&::-webkit-search-cancel-button]:hidden"
        />
        {query && (
          <IconButton label={t("app.close")} className="absolute top-0.5 right-4.5" onClick={() => setQuery("")}>
            <X size={18} aria-hidden />
          </IconButton>
        )}
      </search>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {query.trim() ? <PeopleResults query={query} onPick={() => setQuery("")} /> : <ConversationList />}
      </div>
    </nav>
  );
}
