/** Long enough for the browser to have begun writing the file. */
const REVOKE_AFTER_MS = 60_000;

/** Hands bytes that are here already to the browser's downloads. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
