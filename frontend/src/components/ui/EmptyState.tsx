import type { ReactNode } from "react";
import { Diamonds } from "./Logo";

interface EmptyStateProps {
  title: string;
  text: string;
  children?: ReactNode;
  small?: boolean;
}

export function EmptyState({ title, text, children, small = false }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center justify-center px-6 py-10 text-center">
      <Diamonds className={small ? "h-14" : "h-24"} />
      <p className="mt-5 text-lg font-semibold">{title}</p>
      <p className="mt-1 max-w-xs text-muted">{text}</p>
      {children && <div className="mt-6 flex flex-wrap justify-center gap-3">{children}</div>}
    </div>
  );
}
