import { clsx } from "clsx";
import type { ComponentProps } from "react";

type Look = "primary" | "quiet" | "danger" | "danger-quiet";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent-fill text-white hover:bg-accent-hover",
  quiet: "border border-line bg-raised text-ink hover:bg-accent-soft",
  danger: "bg-danger-fill text-white hover:brightness-110",
  "danger-quiet": "border border-line bg-raised text-danger hover:bg-danger-soft",
};

interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  busy?: boolean;
}

export function Button({ look = "primary", busy = false, className, type = "button", disabled, ...rest }: ButtonProps) {
  return (
    <button
      // The kind is decided by the caller; "submit" never happens by accident.
      type={type}
      aria-busy={busy}
      disabled={disabled || busy}
      className={clsx(
        "inline-flex min-h-11 items-center justify-center gap-2 rounded-xl px-4 py-2 font-medium transition-colors disabled:opacity-60",
        LOOKS[look],
        className,
      )}
      {...rest}
    />
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  label: string;
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={clsx(
        "inline-flex size-10 shrink-0 items-center justify-center rounded-xl text-muted transition-colors hover:bg-accent-soft hover:text-ink disabled:opacity-50",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
