import { Search } from "lucide-react";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clsx } from "clsx";
import { Button } from "@/components/ui/Button";
import { Skeleton } from "@/components/ui/Skeleton";
import { type Emoji, loadEmoji, searchEmoji } from "./data";
import { COLUMNS, EmojiGrid } from "./EmojiGrid";
import { GROUPS, type Group, RECENT } from "./groups";
import { recentEmoji, rememberEmoji } from "./recent";

function useEmoji() {
  const [all, setAll] = useState<Emoji[] | null>(null);
  const [failed, setFailed] = useState(false);
  const load = () => {
    setFailed(false);
    loadEmoji().then(setAll, () => setFailed(true));
  };
  useEffect(load, []);
  return { all, failed, load };
}

interface TabsProps {
  groups: readonly Group[];
  chosen: Group;
  onChoose: (group: Group) => void;
}

function Tabs({ groups, chosen, onChoose }: TabsProps) {
  const { t } = useTranslation();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = (groups.indexOf(chosen) + step + groups.length) % groups.length;
    const next = groups[index];
    if (next) onChoose(next);
    event.currentTarget.querySelectorAll("button")[index]?.focus();
  };
  return (
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- the tabs have the focus
    <div role="tablist" aria-label={t("emoji.groups")} onKeyDown={onKeyDown} className="flex border-b border-line px-2">
      {groups.map((group) => (
        <button
          key={group.id}
          type="button"
          role="tab"
          aria-selected={group === chosen}
          aria-controls="emoji-panel"
          aria-label={t(group.label)}
          title={t(group.label)}
          tabIndex={group === chosen ? 0 : -1}
          onClick={() => onChoose(group)}
          className={clsx(
            "-mb-px grid h-10 min-w-0 flex-1 place-items-center border-b-2 hover:text-ink",
            group === chosen ? "border-accent text-accent" : "border-transparent text-muted",
          )}
        >
          <group.Icon size={19} aria-hidden />
        </button>
      ))}
    </div>
  );
}

/** All emoji: by group, by what was used last, and by words in both languages. */
export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const { all, failed, load } = useEmoji();
  const [recent] = useState(recentEmoji);
  const groups: readonly Group[] = useMemo(() => (recent.length > 0 ? [RECENT, ...GROUPS] : GROUPS), [recent]);
  const [group, setGroup] = useState<Group>(groups[0] ?? RECENT);
  const [typed, setTyped] = useState("");
  const query = useDeferredValue(typed.trim());
  const box = useRef<HTMLDivElement>(null);

  const shown = useMemo(() => {
    if (!all) return [];
    if (query) return searchEmoji(all, query);
    if (group !== RECENT) return all.filter((each) => each.group === group.id);
    return recent.flatMap((sign) => all.find(({ emoji }) => emoji === sign) ?? []);
  }, [all, query, group, recent]);

  const pick = (emoji: string) => {
    rememberEmoji(emoji);
    onPick(emoji);
  };
  const field = () => box.current?.querySelector("input");
  const onFieldKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") {
      // Not the form around it, should there be one. And what is typed now: the list may be a moment behind.
      event.preventDefault();
      const [first] = typed.trim() && all ? searchEmoji(all, typed) : [];
      if (first) pick(first.emoji);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      box.current?.querySelector<HTMLElement>("[role=grid] button[tabindex='0']")?.focus();
    }
  };

  useEffect(() => {
    // Where there is no keyboard at hand, one on the screen would hide what is to be chosen from.
    if (window.matchMedia("(pointer: fine)").matches) box.current?.querySelector("input")?.focus();
    else box.current?.focus();
  }, []);

  const title = query ? t("emoji.found", { count: shown.length }) : t(group.label);
  return (
    <div ref={box} tabIndex={-1} className="flex h-full flex-col focus:outline-none">
      <div className="relative p-2">
        <Search size={17} aria-hidden className="pointer-events-none absolute top-4.75 left-5 text-muted" />
        <input
          type="search"
          aria-label={t("emoji.search")}
          placeholder={t("emoji.search")}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={onFieldKey}
          className="h-10 w-full rounded-xl border border-field/60 bg-surface pr-3 pl-9.5 placeholder:text-muted focus:border-accent"
        />
      </div>
      <Tabs groups={groups} chosen={group} onChoose={(chosen) => { setGroup(chosen); setTyped(""); }} />
      <div id="emoji-panel" role="tabpanel" aria-label={title} className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-2">
        <p role="status" className="sticky top-0 bg-raised/95 px-1 py-1.5 text-xs font-semibold text-muted">{all && title}</p>
        {!all && !failed && (
          <div className="grid grid-cols-8 gap-2 p-1">
            {Array.from({ length: COLUMNS * 5 }, (_, index) => <Skeleton key={index} className="aspect-square" />)}
          </div>
        )}
        {failed && (
          <div className="p-4 text-center">
            <p role="alert" className="mb-3 text-sm text-muted">{t("errors.network")}</p>
            <Button look="quiet" onClick={load}>{t("app.retry")}</Button>
          </div>
        )}
        {all && shown.length === 0 && <p className="p-6 text-center text-sm text-muted">{t("emoji.none")}</p>}
        {shown.length > 0 && (
          <EmojiGrid key={`${group.id} ${query}`} label={title} emoji={shown} onPick={pick} onLeave={() => field()?.focus()} />
        )}
      </div>
    </div>
  );
}
