import { clsx } from "clsx";
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { place } from "./place";

export interface MenuItem {
  action: string;
  label: string;
  icon: ReactNode;
  danger?: boolean;
  run: () => void;
}

interface MenuProps {
  label: string;
  icon: ReactNode;
  items: MenuItem[];
  className?: string;
}

export function Menu({ label, icon, items, className }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);

  const close = (returnFocus: boolean) => {
    setOpen(false);
    if (returnFocus) button.current?.focus();
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className={clsx(
          "inline-flex shrink-0 items-center justify-center rounded-xl text-muted transition-colors hover:bg-accent-soft hover:text-ink",
          className ?? "size-10",
        )}
      >
        {icon}
      </button>
      {open && createPortal(<MenuList label={label} items={items} anchor={button} close={close} />, document.body)}
    </>
  );
}

interface MenuListProps {
  label: string;
  items: MenuItem[];
  anchor: { current: HTMLButtonElement | null };
  close: (returnFocus: boolean) => void;
}

function MenuList({ label, items, anchor, close }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);
  const entries = () => [...(list.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];

  useLayoutEffect(() => {
    if (anchor.current && list.current) place(anchor.current, list.current);
    list.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [anchor]);

  useEffect(() => {
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (!list.current?.contains(target) && !anchor.current?.contains(target)) close(false);
    };
    document.addEventListener("pointerdown", outside);
    window.addEventListener("resize", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      window.removeEventListener("resize", outside);
    };
  }, [anchor, close]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    } else if (event.key in targets) {
      event.preventDefault();
      all.at((targets[event.key] ?? 0) % all.length)?.focus();
    }
  };

  return (
    <div
      ref={list}
      role="menu"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      className="fixed z-50 min-w-48 animate-appear rounded-2xl border border-line bg-raised p-1.5 shadow-xl"
    >
      {items.map((item) => (
        <button
          key={item.action}
          type="button"
          role="menuitem"
          tabIndex={-1}
          data-action={item.action}
          onClick={() => {
            close(true);
            item.run();
          }}
          className={clsx(
            "flex min-h-11 w-full items-center gap-3 rounded-xl px-3 text-left text-[0.95rem] hover:bg-accent-soft focus:bg-accent-soft focus:outline-none",
            item.danger && "text-danger",
          )}
        >
          {item.icon}
          {item.label}
        </button>
      ))}
    </div>
  );
}
