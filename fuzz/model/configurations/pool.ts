/**
 * The pool: one host that submits, workers that find, run, complete and park. The loops of both, the queues and the slots
 * are the shipped ones; payloads and timers are as plain as can be.
 */
import type { Scenario } from '../scenario.js'
import { PoolScenario } from './pool-host.js'

export const scenarios: readonly Scenario[] = [
  new PoolScenario('pool: one worker, a call', 'quick', 3, { workers: 1, hostSlots: 2, calls: 1 }),
  new PoolScenario('pool: one worker, a blocked host', 'quick', 3, {
    workers: 1,
    hostSlots: 2,
    calls: 1,
    blocks: true,
  }),
  new PoolScenario('pool: two tasks meet', 'quick', 1, { workers: 2, hostSlots: 2, calls: 2, meet: 2 }),
  new PoolScenario('pool: two tasks meet, more switches', 'deep', 2, { workers: 2, hostSlots: 2, calls: 2, meet: 2 }),
  new PoolScenario('pool: three tasks meet', 'deep', 1, { workers: 3, hostSlots: 4, calls: 3, meet: 3 }),
  new PoolScenario('pool: short tasks', 'quick', 1, { workers: 2, hostSlots: 4, calls: 3, short: true }),
  new PoolScenario('pool: short tasks in two stretches', 'quick', 1, {
    workers: 1,
    hostSlots: 4,
    calls: 2,
    short: true,
    stretches: true,
  }),
  new PoolScenario('pool: bands', 'quick', 1, { workers: 2, hostSlots: 2, calls: 2, bands: [5, 1] }),
  // At every third claim (edits.ts).
  new PoolScenario('pool: aging', 'quick', 1, { workers: 1, hostSlots: 4, calls: 3, bands: [5, 5, 1] }),
  new PoolScenario('pool: more calls than slots', 'quick', 2, { workers: 1, hostSlots: 1, calls: 3, generation: 2 }),
  new PoolScenario('pool: more calls than room', 'quick', 1, { workers: 1, hostSlots: 2, calls: 3, room: 1 }),
  // The ring of completions holds one of them.
  new PoolScenario('pool: more completions than room', 'quick', 3, { workers: 1, hostSlots: 2, calls: 3, short: true }),
  new PoolScenario('pool: a worker dies', 'quick', 0, { workers: 2, hostSlots: 2, calls: 1, mortal: true }),
  new PoolScenario('pool: a worker dies, more switches', 'deep', 1, {
    workers: 2,
    hostSlots: 2,
    calls: 1,
    mortal: true,
  }),
  new PoolScenario('pool: a worker dies, two calls', 'deep', 1, { workers: 2, hostSlots: 2, calls: 2, mortal: true }),
  new PoolScenario('pool: two workers die', 'deep', 0, { workers: 3, hostSlots: 2, calls: 1, mortal: true, deaths: 2 }),
]
