import { Keyboard, LogOut, NotebookPen, Settings as SettingsIcon, UserRound } from "lucide-react";
import { Suspense, lazy, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useAuth } from "@/api/AuthProvider";
import { Avatar } from "@/components/ui/Avatar";
import { Mark } from "@/components/ui/Logo";
import { Menu } from "@/components/ui/Menu";
import { ConversationList } from "@/features/conversations/ConversationList";
import { PeopleResults } from "@/features/people/PeopleResults";
import { SearchField } from "@/features/people/SearchField";
import { useFindPeople } from "@/features/people/findPeople";
import { useUser } from "@/features/people/usePeer";
import { ShortcutsDialog } from "@/features/settings/ShortcutsDialog";
import { nameOf } from "@/i18n/names";
import { moveByArrows } from "@/lib/arrows";
import { useEngine } from "@/realtime/provider";

const MessageResults = lazy(() => import("@/features/search/MessageResults"));

function AccountMenu() {
  const { t } = useTranslation();
  const { logout } = useAuth();
  const { me } = useEngine();
  const navigate = useNavigate();
  const account = useUser(me, true).data;
  const [helping, setHelping] = useState(false);
  return (
    <>
      <Menu
        label={account ? nameOf(account, t) : t("chats.settings")}
        icon={account ? <Avatar name={nameOf(account, t)} seed={me} size="sm" /> : <UserRound size={21} aria-hidden />}
        items={[
          { action: "notes", label: t("people.me"), icon: <NotebookPen size={18} aria-hidden />, run: () => void navigate(`/chat/${me}`) },
          { action: "settings", label: t("chats.settings"), icon: <SettingsIcon size={18} aria-hidden />, run: () => void navigate("/settings") },
          { action: "keys", label: t("keys.title"), icon: <Keyboard size={18} aria-hidden />, run: () => setHelping(true) },
          { action: "logout", label: t("auth.logout"), icon: <LogOut size={18} aria-hidden />, run: () => void logout().catch(() => undefined) },
        ]}
      />
      {helping && <ShortcutsDialog onClose={() => setHelping(false)} />}
    </>
  );
}

interface SidebarProps {
  /** The conversation on the screen. */
  here: number | null;
  className: string;
}

export function Sidebar({ here, className }: SidebarProps) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [entered, setEntered] = useState<string | null>(null);
  const findPeople = useFindPeople();
  const clear = useCallback(() => setQuery(""), []);

  const change = (value: string) => {
    setQuery(value);
    setEntered(null);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrow keys among the links that are in it
    <nav aria-label={t("chats.navigation")} onKeyDown={moveByArrows} className={className}>
      <div className="flex h-17 shrink-0 items-center gap-3 px-4">
        <Mark className="size-9 rounded-xl" />
        <h2 className="flex-1 text-xl font-semibold">{t("chats.title")}</h2>
        <AccountMenu />
      </div>
      <SearchField value={query} onChange={change} onEnter={() => setEntered(query)} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        {query.trim() ? (
          <>
            <PeopleResults query={query} openFirst={entered === query} onPick={clear} />
            <Suspense fallback={null}>
              <MessageResults words={query} here={here} />
            </Suspense>
          </>
        ) : (
          <ConversationList onFind={findPeople} />
        )}
      </div>
    </nav>
  );
}
