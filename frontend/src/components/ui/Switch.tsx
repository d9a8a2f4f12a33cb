import { useId } from "react";

interface SwitchProps {
  label: string;
  hint: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

/** On or off, at once. A real checkbox, so that everything works with it that works with checkboxes. */
export function Switch({ label, hint, checked, disabled = false, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="relative flex items-start gap-4">
      <div className="min-w-0 flex-1">
        {/* The whole row can be clicked, the way people try to. */}
        <label htmlFor={id} className="font-medium not-has-disabled:cursor-pointer after:absolute after:inset-0">{label}</label>
        <p id={`${id}-hint`} className="mt-0.5 text-sm text-muted">{hint}</p>
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        aria-describedby={`${id}-hint`}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="peer sr-only"
      />
      <span
        aria-hidden
        className="mt-0.5 h-7 w-12 shrink-0 rounded-full bg-field p-1 transition-colors peer-checked:bg-accent-fill peer-disabled:opacity-50 peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-accent before:block before:size-5 before:rounded-full before:bg-white before:shadow-sm before:transition-transform peer-checked:before:translate-x-5"
      />
    </div>
  );
}
