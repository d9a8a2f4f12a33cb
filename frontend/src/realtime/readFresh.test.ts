import { expect, test, vi } from "vitest";
import type { JournalEvent } from "@/api/types";
import { message } from "@/testing/builders";
import { type Fresh, readFresh } from "./readFresh";
import { Sequencer } from "./sequencer";

const created = (seq: number): JournalEvent => ({ seq, type: "message.created", data: message(seq) });

/** Messages of a server; between `read` and its answer something happens, one thing for each reading. */
function world(...meanwhile: ((sequencer: Sequencer) => void)[]) {
  const sequencer = new Sequencer();
  sequencer.start("e", 0);
  const read = vi.fn(async () => {
    const known = sequencer.last;
    meanwhile.shift()?.(sequencer);
    return [known];
  });
  return { sequencer, read };
}

const add = (known: number[], events: JournalEvent[]): Fresh<number[]> => ({ data: [...known, ...events.map(({ seq }) => seq)], isSure: true });
const doubt = (known: number[], events: JournalEvent[]): Fresh<number[]> => ({ ...add(known, events), isSure: events.length === 0 });

test("what happened meanwhile is added", async () => {
  const { sequencer, read } = world((now) => now.accept(created(1)));
  expect(await readFresh(sequencer, read, add)).toEqual({ data: [0, 1], isSure: true });
  expect(read).toHaveBeenCalledTimes(1);
});

test("what only the server knows is read again", async () => {
  const { sequencer, read } = world((now) => now.accept(created(1)));
  expect(await readFresh(sequencer, read, doubt)).toEqual({ data: [1], isSure: true });
  expect(read).toHaveBeenCalledTimes(2);
});

test.each([
  ["in another epoch, at the same number", "f", 0],
  ["far ahead", "e", 90],
])("when the journal began anew, %s, it is read again", async (_, epoch, head) => {
  const { sequencer, read } = world((now) => now.start(epoch, head));
  expect(await readFresh(sequencer, read, add)).toEqual({ data: [head], isSure: true });
  expect(read).toHaveBeenCalledTimes(2);
});

test("more than is remembered is read again", async () => {
  const { sequencer, read } = world((now) => {
    for (let seq = 1; seq <= 600; seq += 1) now.accept(created(seq));
  });
  expect((await readFresh(sequencer, read, add)).data).toEqual([600]);
});

test("without a pause there is something to see after all", async () => {
  const next = (now: Sequencer) => void now.accept(created(now.last + 1));
  const { sequencer, read } = world(next, next, next, next);
  expect(await readFresh(sequencer, read, doubt)).toEqual({ data: [2, 3], isSure: false });
  expect(read).toHaveBeenCalledTimes(3);
});
