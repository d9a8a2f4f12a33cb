import { clsx } from "clsx";
import { type ComponentProps, type ReactNode, useId } from "react";

interface TextFieldProps extends Omit<ComponentProps<"input">, "id"> {
  label: string;
  hint?: string;
  error?: string | null;
  /** Stands inside the field at its end, such as "show password". */
  action?: ReactNode;
}

export function TextField({ label, hint, error, action, className, ...input }: TextFieldProps) {
  const id = useId();
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-invalid={Boolean(error)}
          aria-describedby={describedBy || undefined}
          className={clsx(
            "h-12 w-full rounded-xl border bg-raised px-3.5 text-base text-ink placeholder:text-muted focus:border-accent",
            action && "pr-12",
            error ? "border-danger" : "border-field",
          )}
          {...input}
        />
        {action && <div className="absolute inset-y-0 right-1 flex items-center">{action}</div>}
      </div>
      {error && (
        <p id={`${id}-error`} role="alert" className="mt-1.5 text-sm text-danger">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className={clsx("mt-1.5 text-sm text-muted", error && "sr-only")}>
          {hint}
        </p>
      )}
    </div>
  );
}
