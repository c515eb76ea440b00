import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { DequeOwner, DequeThief, EMPTY } from '../../lib/ring-buffer/index.js'
import { holds, startIndex } from './property.js'

const BOTTOM = 0
const TOP = 1
const ITEMS = 2

/** A deque whose indices have come as far as `start`. */
function make(start: number, capacity: number): { owner: DequeOwner; thief: DequeThief; model: number[] } {
  const words = new Int32Array(new SharedArrayBuffer((ITEMS + capacity) * 4))
  poke(words, BOTTOM, start)
  poke(words, TOP, start)
  return {
    owner: new DequeOwner(words, BOTTOM, TOP, ITEMS, capacity),
    thief: new DequeThief(words, BOTTOM, TOP, ITEMS, capacity),
    model: [],
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), item: fc.integer({ min: 0, max: 2 ** 31 - 1 }) }),
  fc.record({ kind: fc.constantFrom('pop' as const, 'steal' as const) }),
  fc.record({ kind: fc.constantFrom('stealInto' as const, 'stealBack' as const), limit: fc.nat(5) }),
)
const capacity = fc.constantFrom(1, 2, 4, 8)

test('two deques do what two arrays do, over the wrap of their indices', () => {
  holds(
    fc.property(startIndex, startIndex, capacity, capacity, fc.array(step, { maxLength: 60 }), (s, t, c, d, steps) => {
      const victim = make(s, c)
      const own = make(t, d)
      for (const { kind, ...given } of steps) {
        if (kind === 'push' && 'item' in given) {
          const fits = victim.model.length < c
          assert.is(victim.owner.tryPush(given.item), fits)
          if (fits) victim.model.push(given.item)
        } else if (kind === 'pop') {
          assert.is(victim.owner.pop(), victim.model.pop() ?? EMPTY)
        } else if (kind === 'steal') {
          assert.is(victim.thief.steal(), victim.model.shift() ?? EMPTY)
        } else if ('limit' in given) {
          const [from, to, room] = kind === 'stealInto' ? [victim, own, d] : [own, victim, c]
          const half = Math.ceil(from.model.length / 2)
          const moved = Math.min(half, given.limit, room - to.model.length)
          assert.is(from.thief.stealInto(to.owner, given.limit), moved)
          to.model.push(...from.model.splice(0, moved))
        }
        assert.is(victim.owner.length, victim.model.length)
        assert.is(own.thief.length, own.model.length)
      }
      for (const { thief, model } of [victim, own]) for (const item of model) assert.is(thief.steal(), item)
    }),
  )
})

test.run()
