import { expect, test } from "vitest";
import type { JournalEvent } from "@/api/types";
import { Sequencer } from "./sequencer";

const event = (seq: number): JournalEvent => ({ seq, type: "block.changed", data: { user_id: 2, blocked: true } });
const seqs = (events: JournalEvent[]) => events.map(({ seq }) => seq);

function started(head: number): Sequencer {
  const sequencer = new Sequencer();
  sequencer.start("e1", head);
  return sequencer;
}

test("applies what comes next, drops what came before", () => {
  const sequencer = started(4);
  expect(seqs(sequencer.accept(event(5)))).toEqual([5]);
  expect(seqs(sequencer.accept(event(5)))).toEqual([]);
  expect(seqs(sequencer.accept(event(2)))).toEqual([]);
  expect(sequencer.last).toBe(5);
});

test("holds what comes too early until the gap is filled", () => {
  const sequencer = started(0);
  expect(seqs(sequencer.accept(event(3)))).toEqual([]);
  expect(seqs(sequencer.accept(event(2)))).toEqual([]);
  expect(sequencer.hasGap).toBe(true);
  expect(seqs(sequencer.accept(event(1)))).toEqual([1, 2, 3]);
  expect(sequencer.hasGap).toBe(false);
});

test("any order of arrival gives the same order of application", () => {
  for (let round = 0; round < 50; round += 1) {
    const sequencer = started(0);
    const shuffled = Array.from({ length: 12 }, (_, index) => index + 1).sort(() => Math.random() - 0.5);
    const applied = [...shuffled, ...shuffled].flatMap((seq) => seqs(sequencer.accept(event(seq))));
    expect(applied).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  }
});

test("forgets held events on a new start, and remembers recent ones", () => {
  const sequencer = started(0);
  sequencer.accept(event(1));
  sequencer.accept(event(2));
  expect(sequencer.since({ epoch: "e1", seq: 1 })?.map(({ seq }) => seq)).toEqual([2]);
  sequencer.accept(event(9));
  const before = sequencer.position;
  sequencer.start("e2", 100);
  expect(sequencer.hasGap).toBe(false);
  expect(sequencer.since(before)).toBeNull();
  expect(sequencer.since(sequencer.position)).toEqual([]);
});

test("does not hold without bound", () => {
  const sequencer = started(0);
  for (let seq = 2; seq < 400; seq += 1) sequencer.accept(event(seq));
  expect(seqs(sequencer.accept(event(1))).length).toBeLessThan(250);
});
