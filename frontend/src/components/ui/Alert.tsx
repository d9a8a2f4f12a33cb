import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

export function Alert({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <div id={id} role="alert" className="flex items-start gap-2.5 rounded-xl bg-danger-soft px-3.5 py-3 text-sm text-danger">
      <TriangleAlert size={18} className="mt-px shrink-0" aria-hidden />
      <span>{children}</span>
    </div>
  );
}
