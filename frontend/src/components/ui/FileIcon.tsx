import { File, FileArchive, FileCode, FileHeadphone, FileImage, FilePlay, FileSpreadsheet, FileText } from "lucide-react";

const KINDS = [
  [/^image\/|\.(svg|heic|heif|tiff?|bmp|psd)$/, FileImage],
  [/^audio\/|\.(m4a|wav|flac|aac|opus)$/, FileHeadphone],
  [/^video\/|\.(mkv|avi|mov)$/, FilePlay],
  [/zip|compressed|gzip|\.(rar|7z|tar|gz|xz|bz2)$/, FileArchive],
  [/\.(xlsx?|ods|csv)$/, FileSpreadsheet],
  [/\.(html?|css|jsx?|tsx?|json|xml|py|sh|c|cpp|rs|go|java)$/, FileCode],
  [/^text\/|pdf|\.(docx?|odt|rtf|md|pptx?|odp)$/, FileText],
] as const;

/** Drawn by what the file is. Office files are archives to whoever looks inside, so their name counts first. */
export function FileIcon({ type, name, size }: { type: string; name: string; size: number }) {
  const extension = /\.\w+$/.exec(name.toLowerCase())?.[0] ?? "";
  const known = KINDS.find(([pattern]) => pattern.test(extension)) ?? KINDS.find(([pattern]) => pattern.test(type));
  const Icon = known?.[1] ?? File;
  return <Icon size={size} className="shrink-0" aria-hidden />;
}
