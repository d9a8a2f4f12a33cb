import { type ReactNode, useId } from "react";
import { useModal } from "./useModal";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A question in the middle of the page; Escape closes it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useModal();
  const titleId = useId();

  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] animate-appear rounded-2xl border border-line bg-raised p-6 text-ink shadow-xl"
    >
      <h2 id={titleId} className="text-lg font-semibold">
        {title}
      </h2>
      {children}
    </dialog>
  );
}
