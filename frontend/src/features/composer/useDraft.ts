import { useEffect, useRef, useState } from "react";
import { useEngine } from "@/realtime/provider";

const SAVE_MS = 300;

/** Unsent text of one conversation. It survives leaving and reloading, and never touches localStorage. */
export function useDraft(peerId: number) {
  const { database } = useEngine();
  const [text, setText] = useState("");
  const latest = useRef("");
  const saved = useRef("");

  useEffect(() => {
    let left = false;
    void database.then(async (db) => {
      const draft = await db?.get("drafts", peerId);
      if (left || !draft || latest.current !== "") return;
      latest.current = draft.text;
      saved.current = draft.text;
      setText(draft.text);
    });
    const save = () => {
      if (saved.current === latest.current) return;
      const value = latest.current;
      saved.current = value;
      void database
        .then(async (db) => void (await (value ? db?.put("drafts", { peer_id: peerId, text: value }) : db?.delete("drafts", peerId))))
        .catch(() => undefined);
    };
    const timer = setInterval(save, SAVE_MS);
    window.addEventListener("pagehide", save);
    return () => {
      left = true;
      clearInterval(timer);
      window.removeEventListener("pagehide", save);
      save();
    };
  }, [database, peerId]);

  const change = (value: string) => {
    latest.current = value;
    setText(value);
  };
  return [text, change] as const;
}
