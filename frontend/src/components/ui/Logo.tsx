import { clsx } from "clsx";

/** Two stitched diamonds that share a part: two people and what is between them. Each is a ring of small squares. */
function ring(centre: number, radius: number): { x: number; y: number }[] {
  const cells = [];
  for (let step = 0; step < radius; step += 1) {
    cells.push(
      { x: centre - radius + step, y: -step },
      { x: centre + step, y: -radius + step },
      { x: centre + radius - step, y: step },
      { x: centre - step, y: radius - step },
    );
  }
  return cells;
}

const LEFT = [...ring(0, 6), ...ring(0, 4), ...ring(0, 1)];
const RIGHT = [...ring(7, 6), ...ring(7, 4), ...ring(7, 1)];

export function Diamonds({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="-7 -7 22 15" className={clsx("w-auto", className)}>
      {LEFT.map(({ x, y }) => (
        <rect key={`${x},${y}`} x={x} y={y} width="0.86" height="0.86" rx="0.12" className="fill-(--thread,var(--color-accent))" />
      ))}
      {RIGHT.map(({ x, y }) => (
        <rect key={`${x},${y}`} x={x} y={y} width="0.86" height="0.86" rx="0.12" className="fill-amber" />
      ))}
    </svg>
  );
}

export function Mark({ className }: { className?: string }) {
  return <img src="/favicon.svg" alt="" width={40} height={40} className={className} />;
}
