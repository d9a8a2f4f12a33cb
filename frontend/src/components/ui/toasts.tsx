import { CircleCheck, TriangleAlert } from "lucide-react";
import { create } from "zustand";

interface Toast {
  id: number;
  kind: "done" | "failed";
  text: string;
}

const SHOWN_MS = 5000;
const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }));
let nextId = 1;

export function showToast(kind: Toast["kind"], text: string): void {
  const id = nextId++;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-2), { id, kind, text }] }));
  setTimeout(() => useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })), SHOWN_MS);
}

/** Stays in the page while empty, so that a screen reader notices what comes. */
export function Toaster() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 top-4 z-50 flex flex-col items-center gap-2 px-4">
      {toasts.map((toast) => (
        <p key={toast.id} className="flex animate-appear items-center gap-2.5 rounded-2xl bg-ink px-4 py-3 text-sm text-paper shadow-xl">
          {toast.kind === "done" ? <CircleCheck size={18} aria-hidden /> : <TriangleAlert size={18} aria-hidden />}
          {toast.text}
        </p>
      ))}
    </div>
  );
}
