import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { showToast } from "@/components/ui/toasts";
import { copyText } from "@/lib/clipboard";

const SHOWN_MS = 2000;

/** Lines of a program: never wrapped, scrolled sideways instead, and easy to take along. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    if (!(await copyText(code))) return;
    setCopied(true);
    showToast("done", t("messages.codeCopied"));
  };
  return (
    <span className="my-1.5 block overflow-hidden rounded-xl border border-ink/10 bg-ink/5">
      <span className="flex items-center justify-between gap-3 pl-3 text-xs text-muted">
        <span className="truncate">{language || t("messages.code")}</span>
        <button
          type="button"
          aria-label={t("messages.copyCode")}
          title={t("messages.copyCode")}
          onClick={() => void copy()}
          className="inline-flex size-9 shrink-0 items-center justify-center rounded-lg hover:bg-ink/10 hover:text-ink"
        >
          {copied ? <Check size={15} aria-hidden /> : <Copy size={15} aria-hidden />}
        </button>
      </span>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <code role="region" tabIndex={0} aria-label={t("messages.code")} className="block overflow-x-auto px-3 pb-2.5 font-mono text-[0.85em] leading-relaxed wrap-normal whitespace-pre">
        {code}
      </code>
    </span>
  );
}
