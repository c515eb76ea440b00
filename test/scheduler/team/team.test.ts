import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, peek, poke } from '#atomics'
import { Deque, LayoutError } from '../../../lib/ring-buffer/index.js'
import { SEARCHING, SLEEPING } from '../../../lib/scheduler/index.js'
import { EMPTY, type Participant, type Region, Team, type TeamOptions } from '../../../lib/scheduler/team/index.js'

const OPTIONS = { participants: 3, capacity: 8, bands: 3 }

function make(options: Partial<TeamOptions> = {}) {
  const given = { ...OPTIONS, ...options }
  const region = Team.create(given)
  const team = Array.from({ length: given.participants }, (_, id) => Team.join(region, id, { spinUs: 0 }))
  return { region, words: new Int32Array(region.buffer), team, one: team[0]!, two: team[1]!, three: team[2]! }
}

function takeAll(participant: Participant): number[] {
  const tasks: number[] = []
  for (let task = participant.findWork(); task !== EMPTY; task = participant.findWork()) tasks.push(task)
  return tasks
}

const alive = setInterval(() => {}, 1000) // parkAsync keeps no process alive
test.after(() => clearInterval(alive))

const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)

test('tasks of one band come out in the order in which they were submitted, at whoever asks', () => {
  const { one, two, three } = make()
  for (const task of [5, 0, 2 ** 31 - 1, 5]) one.submit(task)
  assert.equal([three.findWork(), two.findWork(), one.findWork(), two.findWork()], [5, 0, 2 ** 31 - 1, 5])
  assert.equal([one.findWork(), two.findWork(), three.findWork()], [EMPTY, EMPTY, EMPTY])
})

test('higher bands come first, whoever submitted; the middle one is the default', () => {
  const { one, two, three } = make()
  one.submit(10, 0)
  one.submit(11)
  two.submit(12, 1)
  two.submit(13, 2)
  one.submit(14, 2)
  const tasks = takeAll(three)
  assert.equal(tasks.slice(0, 2).sort(), [13, 14])
  assert.equal(tasks.slice(2, 4).sort(), [11, 12])
  assert.equal(tasks.slice(4), [10])
})

test('a participant finds what it pushed last first; others steal what it pushed first', () => {
  const { one, two } = make()
  for (const task of range(5)) one.push(task)
  one.submit(9, 2)
  assert.equal([one.findWork(), one.findWork()], [4, 3])
  assert.equal([two.findWork(), two.findWork(), two.findWork()], [9, 0, 1])
  assert.equal(takeAll(one), [2])
})

test('a low band waits for a bounded number of claims', () => {
  const { one, two } = make({ capacity: 1024 })
  one.submit(7, 0)
  let claims = 0
  for (let task = -1; task !== 7; claims++) {
    two.submit(1000, 2)
    task = two.findWork()
  }
  assert.ok(claims <= 61 * 3 * 3, `${claims}`)
})

test('submit and push never refuse, and what finds no room keeps its order', () => {
  const { one, two } = make()
  for (const task of range(100)) one.submit(task)
  for (const task of range(100, 100)) one.push(task)
  assert.equal(takeAll(one).slice(0, 60), range(60, 140).reverse())
  for (const task of range(100)) one.submit(task)
  const found: number[] = []
  // Others see as much as the region has room for, and more whenever the submitter calls anything.
  for (let round = 1; found.length < 100; round++) {
    found.push(...takeAll(two))
    assert.equal(found, range(Math.min(100, 8 * round)))
    one.recover(2)
  }
})

test('a participant runs from its own memory what finds no room', () => {
  const { one, two } = make({ capacity: 1 })
  one.submit(1)
  assert.is(two.findWork(), 1) // the only slot is in use from here on
  one.submit(2)
  one.submit(3, 2)
  one.submit(4, 2)
  assert.equal(takeAll(one), [3, 4, 2])
  one.push(5)
  one.push(6)
  one.push(7)
  assert.equal([one.findWork(), two.findWork(), one.findWork(), one.findWork()], [7, 5, 6, EMPTY])
})

test('the same number may be several tasks', () => {
  const { one, two } = make()
  for (let i = 0; i < 5; i++) one.submit(3)
  assert.equal(takeAll(two), [3, 3, 3, 3, 3])
})

test('park returns at once when there is work, and after its timeout when there is none', () => {
  const { one, two } = make()
  assert.is(one.park(0), 'timed-out')
  assert.is(one.park(1), 'timed-out')
  two.submit(1)
  assert.is(one.park(), 'woken')
  assert.is(one.findWork(), 1)
  one.push(2)
  assert.is(one.park(), 'woken')
  assert.equal([one.findWork(), one.park(0)], [2, 'timed-out'])
})

test('one submission wakes one sleeper, and what it finds wakes the next', async () => {
  const { words, one, two, three } = make()
  const second = two.parkAsync()
  const third = three.parkAsync()
  assert.is.not(second, 'woken')
  assert.is(load(words, SLEEPING), 0b110)
  one.submit(1)
  one.submit(2)
  assert.equal([load(words, SLEEPING), load(words, SEARCHING)], [0b100, 0b010])
  assert.is(await second, 'woken')
  assert.is(two.findWork(), 1)
  assert.is(await third, 'woken')
  assert.is(three.findWork(), 2)
  assert.equal([load(words, SLEEPING), load(words, SEARCHING)], [0, 0])
})

test('parkAsync ends after its timeout, and nobody is asleep or searching then', async () => {
  const { words, one } = make()
  assert.is(await one.parkAsync(0), 'timed-out')
  assert.is(await one.parkAsync(2), 'timed-out')
  assert.equal([load(words, SLEEPING), load(words, SEARCHING)], [0, 0])
})

test('a participant that is parked submits and recovers, and may not look for work', async () => {
  const { one, two } = make()
  const parked = one.parkAsync()
  for (const call of [() => one.findWork(), () => one.park(), () => one.parkAsync()]) {
    assert.throws(call, /participant 0 is parked: await what parkAsync returned/)
  }
  two.submit(4)
  two.recover(2)
  one.submit(5)
  assert.is(await parked, 'woken')
  assert.equal(takeAll(one).sort(), [4, 5])
})

test('searching leaves no mark behind', () => {
  const { region, words, one } = make()
  one.leave()
  const spinning = Team.join(region, 0, { spinUs: 50 })
  assert.is(spinning.findWork(), EMPTY)
  assert.is(load(words, SEARCHING), 0)
})

test('what a participant submitted stays when it leaves, and its number is free', async () => {
  const { region, one, two } = make()
  one.submit(1)
  one.push(2)
  const parked = one.parkAsync()
  one.leave()
  one.leave()
  assert.is(parked, 'woken')
  assert.throws(() => one.submit(1), /participant 0 has left the team: join again/)
  assert.throws(() => one.findWork(), /has left/)
  assert.equal(two.recover(0), { queued: [], running: [] })
  const again = Team.join(structuredClone(region), 0)
  again.submit(3)
  assert.equal(takeAll(two).sort(), [1, 2, 3])
})

test('leaving ends a pending parkAsync, and hands on the wake that it was', async () => {
  const { one, two, three } = make()
  const first = one.parkAsync()
  const second = two.parkAsync()
  three.submit(1) // wakes the first
  one.leave()
  assert.is(await first, 'woken')
  assert.is(await second, 'woken')
  assert.is(two.findWork(), 1)
})

test('who holds tasks that nobody else can find cannot leave', () => {
  const { one, two } = make({ capacity: 2 })
  for (const task of range(3)) one.submit(task)
  assert.throws(() => one.leave(), /participant 0 holds 1 tasks for which the region has no room/)
  assert.equal([two.findWork(), two.findWork()], [0, 1])
  one.leave()
  assert.is(two.findWork(), 2)
})

test('recover returns what was queued, by band and order, and what was running, once', () => {
  const { one, two, three } = make()
  two.submit(1, 0)
  two.submit(2, 0)
  two.submit(3, 2)
  two.submit(4, 2)
  two.push(5)
  one.submit(6, 0)
  assert.is(three.findWork(), 3) // a living one runs it, and goes on
  const running = two.findWork()
  assert.is(running, 5)
  assert.equal(one.recover(1), { queued: [4, 1, 2], running: [5] })
  assert.equal(three.recover(1), { queued: [], running: [] })
  assert.equal(takeAll(three), [6])
})

test('what a dead participant had taken and finished long ago is not in its hand', () => {
  const { one, two, three } = make({ capacity: 1 })
  one.submit(1)
  one.push(2)
  assert.equal([two.findWork(), two.findWork(), two.findWork()], [1, 2, EMPTY])
  one.submit(3) // in the same slots
  one.push(4)
  assert.equal(three.recover(1), { queued: [], running: [] })
  assert.equal(takeAll(three), [3, 4])
})

test('a task that was finished is not running, and one from the own memory is', () => {
  const { one, two } = make({ capacity: 1 })
  two.submit(1)
  two.submit(2)
  assert.equal([two.findWork(), two.findWork(), two.findWork()], [1, 2, EMPTY])
  two.push(3)
  two.push(4)
  assert.is(two.findWork(), 4) // found no room in the region
  assert.equal(one.recover(1), { queued: [3], running: [4] })
})

test('a successor has the room that its predecessor had', () => {
  const { region, one, three } = make()
  let next = Team.join(Team.create(OPTIONS), 1)
  for (let round = 0; round < 20; round++) {
    one.recover(1)
    next = Team.join(region, 1, { spinUs: 0 })
    for (const task of range(8)) next.submit(task)
    for (const task of range(8, 8)) next.push(task)
  }
  assert.equal(takeAll(three), range(16))
  assert.is(next.findWork(), EMPTY)
})

test('a number in use is refused until its thread has left or been recovered', () => {
  const { region, one } = make()
  assert.throws(() => Team.join(region, 1), /participant 1 has joined already: choose another id, or call recover\(1\)/)
  one.recover(1)
  Team.join(region, 1)
})

test('teams lie anywhere in a buffer, also where something else was', () => {
  const bytes = Team.bytesFor(OPTIONS)
  const buffer = new SharedArrayBuffer(256 + bytes)
  new Uint8Array(buffer).fill(0xaa)
  const region = Team.create({ ...OPTIONS, into: { buffer, byteOffset: 128, byteLength: bytes } })
  const [one, two] = [Team.join(region, 0), Team.join(structuredClone(region), 1)]
  for (const task of range(20)) one.submit(task, task % 3)
  one.push(20)
  assert.is(takeAll(two).length, 21)
  assert.ok(new Uint8Array(buffer, 0, 128).every((byte) => byte === 0xaa))
  assert.ok(new Uint8Array(buffer, 128 + bytes).every((byte) => byte === 0xaa))
})

const broken: readonly (readonly [string, (region: Region) => Region, RegExp])[] = [
  ['another structure', () => Deque.create({ capacity: 8 }), /another structure/],
  ['another version', (region) => edited(region, 1, 99), /another version of the library: expected 1, found 99/],
  ['a header with another capacity', (region) => edited(region, 4, 16), /the header of the team is damaged/],
  ['a header with no participants', (region) => edited(region, 3, 0), /the header of the team is damaged/],
  ['a header with a capacity of 3', (region) => edited(region, 4, 3), /the header of the team is damaged/],
  ['a region cut short', (region) => ({ ...region, byteLength: region.byteLength - 128 }), /too small/],
  ['a region off its line', (region) => ({ ...region, byteOffset: 64 }), /not a multiple of 128/],
]
function edited(region: Region, word: number, value: number): Region {
  poke(new Int32Array(region.buffer), word, value)
  return region
}
for (const [name, spoil, message] of broken) {
  test(`${name} cannot be joined`, () => {
    const region = spoil(Team.create(OPTIONS))
    let thrown: unknown
    try {
      Team.join(region, 0)
    } catch (error) {
      thrown = error
    }
    assert.instance(thrown, LayoutError)
    assert.match((thrown as LayoutError).message, message)
    assert.is((thrown as LayoutError).code, 'ERR_PARALLEL_LAYOUT')
    assert.type((thrown as LayoutError).expected, 'number')
    assert.type((thrown as LayoutError).found, 'number')
  })
}

test('a region is made only where there is room for it', () => {
  const bytes = Team.bytesFor(OPTIONS)
  const into = { buffer: new SharedArrayBuffer(bytes), byteOffset: 0, byteLength: bytes - 128 }
  assert.throws(() => Team.create({ ...OPTIONS, into }), /the region is too small/)
})

test('wrong arguments are refused with their name, their value and the way out', () => {
  const { region, one } = make()
  const wrong: readonly (readonly [() => unknown, RegExp])[] = [
    [
      () => one.submit(-1),
      /task must be an integer from 0 to 2147483647, not -1: keep the value in a table of your own/,
    ],
    [() => one.submit(2 ** 31), /task .* not 2147483648/],
    [() => one.submit(1.5), /task .* not 1.5/],
    [() => one.submit('7' as never), /task .* not 7/],
    [() => one.push(Number.NaN), /task .* not NaN/],
    [() => one.submit(1, 3), /band must be an integer from 0 to 2, not 3: create the team with more bands/],
    [() => one.park(-1), /timeout must be a number of milliseconds from 0, or Infinity, not -1/],
    [() => one.parkAsync(Number.NaN), /timeout .* not NaN/],
    [() => one.recover(3), /dead must be an integer from 0 to 2, not 3: give the id/],
    [() => one.recover(0), /participant 0 cannot recover itself/],
    [() => Team.join(region, 3), /id must be an integer from 0 to 2, not 3: create the team with more participants/],
    [() => Team.join(region, 1, { spinUs: -1 }), /spinUs must be a number of microseconds from 0, not -1/],
    [() => Team.create({ participants: 33, capacity: 1 }), /participants must be an integer from 1 to 32, not 33/],
    [() => Team.create({ participants: 1, capacity: 0 }), /capacity must be an integer from 1 to 2\^28, not 0/],
    [() => Team.create({ participants: 1, capacity: 1, bands: 32 }), /bands must be an integer from 1 to 31, not 32/],
    [() => Team.bytesFor({ participants: 32, capacity: 2 ** 20 }), /more than 2\^30: lower the capacity/],
  ]
  for (const [call, message] of wrong)
    assert.throws(call, (error: Error) => error instanceof RangeError && message.test(error.message))
  assert.is(peek(new Int32Array(region.buffer), SLEEPING), 0)
  assert.is(one.findWork(), EMPTY)
})

test.run()
