import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { showToast } from "@/components/ui/toasts";
import { useEngine } from "@/realtime/provider";
import type { Chip } from "@/realtime/trays";

const EMPTY: readonly Chip[] = [];

/** The files chosen for the next message of one conversation. They stay when another conversation is looked at. */
export function useTray(peerId: number) {
  const { t } = useTranslation();
  const { trays } = useEngine();
  const chips = useStore(trays.chips, (all) => all[peerId] ?? EMPTY);
  const actions = useMemo(
    () => ({
      add: async (files: Iterable<File>) => {
        const left = await trays.add(peerId, [...files]);
        if (left > 0) showToast("failed", t("composer.leftOut", { count: left }));
      },
      remove: (key: string) => trays.remove(peerId, key),
      retry: (key: string) => void trays.retry(peerId, key),
    }),
    [trays, peerId, t],
  );
  return { chips, ...actions };
}

export type Tray = ReturnType<typeof useTray>;
