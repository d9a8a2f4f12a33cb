import { useEffect, useEffectEvent, useState } from "react";

type OnFiles = (files: File[], folders: number) => void;

const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** A folder looks like a file, one that cannot be read. */
const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry()?.isDirectory ?? false;

function unpack(transfer: DataTransfer): { files: File[]; folders: number } {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const files = items.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? []);
  return { files, folders: items.filter(isFolder).length };
}

/** What office programs put there is text first; their picture of it is only an alternative. */
function isText(transfer: DataTransfer): boolean {
  return transfer.types.includes("text/html") && transfer.types.includes("text/plain");
}

/**
 * Files that are dropped or pasted anywhere on the page. One dropped where nobody takes it must not make the browser
 * leave the page. Gives back whether files are held over the page and would be taken.
 */
export function useIncomingFiles(enabled: boolean, onFiles: OnFiles): boolean {
  const [over, setOver] = useState(false);
  const take = useEffectEvent((transfer: DataTransfer) => {
    const { files, folders } = unpack(transfer);
    onFiles(files, folders);
  });

  useEffect(() => {
    const listening = new AbortController();
    const listen = <Name extends "dragover" | "dragleave" | "drop" | "paste">(
      name: Name,
      handle: (event: WindowEventMap[Name]) => void,
    ) => window.addEventListener(name, handle, { signal: listening.signal });

    listen("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = enabled ? "copy" : "none";
      setOver(enabled);
    });
    // Without a related target the pointer left the window, not just one element of it.
    listen("dragleave", (event) => event.relatedTarget === null && setOver(false));
    listen("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      if (enabled && event.dataTransfer) take(event.dataTransfer);
    });
    listen("paste", (event) => {
      const transfer = event.clipboardData;
      if (!enabled || !transfer || transfer.files.length === 0 || isText(transfer)) return;
      event.preventDefault();
      take(transfer);
    });
    return () => listening.abort();
  }, [enabled]);

  return enabled && over;
}
