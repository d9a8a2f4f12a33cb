import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";

function Failure() {
  const { t } = useTranslation();
  return (
    <main className="grid h-full place-items-center">
      <EmptyState title={t("app.failedTitle")} text={t("app.failedText")}>
        <Button onClick={() => window.location.reload()}>{t("app.reload")}</Button>
      </EmptyState>
    </main>
  );
}

/** A mistake in drawing must not leave a white page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Failure /> : this.props.children;
  }
}
