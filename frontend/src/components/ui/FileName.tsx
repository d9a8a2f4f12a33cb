const TAIL = 8;

/** A long name is cut in the middle: its end tells what kind of file it is. */
export function FileName({ name, className = "" }: { name: string; className?: string }) {
  const letters = [...name];
  const head = letters.slice(0, -TAIL).join("");
  return (
    <span title={name} className={`flex min-w-0 ${className}`}>
      <span className="truncate whitespace-pre">{head}</span>
      <span className="shrink-0 whitespace-pre">{letters.slice(-TAIL).join("")}</span>
    </span>
  );
}
