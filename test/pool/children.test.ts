import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Pool, SyncWaitError } from '../../lib/index.js'
import { add } from '../fixtures/basic.js'
import {
  awaitMany,
  cancelChild,
  clonedHere,
  failInChild,
  fibAwait,
  fibGet,
  getAsyncChild,
  getAsyncChildOfThief,
  getDeadline,
  getElsewhere,
  getMany,
  getPromisingChild,
  getPromisingChildOfThief,
  getSettledAsyncChild,
  getUntouched,
  heavyChildren,
  inertPool,
  inlineChildren,
  nestedAwait,
  orphanMaker,
  parentOfAsyncGrandchild,
  parentOfExit,
  parentOfExitByGet,
  parentOfOtherGrandchild,
  siblings,
  stolenChild,
  stolenChildren,
} from '../fixtures/family.js'
import {
  catches,
  failsAndForgets,
  forgets,
  forgetsAfterAwait,
  forgetsInThen,
  forgetsRefused,
  forgetsStray,
  getsForgetful,
  getsForgetfulOfAsync,
  observesLate,
  prints,
  returnsFailing,
  twoParents,
  waitsForStolen,
} from '../fixtures/forgetful.js'
import { arrivals, arrivedAt, newGate, openGate } from '../support/gate.js'
import { rejectionOf, until } from '../support/hang-limit.js'
import { onHost, threaded, withPool } from '../support/pools.js'

for (const threads of onHost ? [0] : [1, 2]) {
  const withThreads = (body: (pool: Pool) => Promise<void>): Promise<void> => withPool({ threads }, body)

  test(`a task awaits its children, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      assert.is(await pool.run(awaitMany, [100]), 9_900)
      const sums = await Promise.all([10, 20, 30, 40].map((children) => pool.run(awaitMany, [children])))
      assert.equal(sums, [90, 380, 870, 1_560])
    }))

  test(`a task gets its children synchronously, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      assert.is(await pool.run(getMany, [100]), 9_900)
      assert.is(pool.run(getMany, [50]).get(), 2_450)
    }))

  test(`a task recurses by get, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      assert.is(await pool.run(fibGet, [16]), 987)
      assert.equal(await Promise.all([10, 11, 12].map((n) => pool.run(fibGet, [n]))), [55, 89, 144])
    }))

  test(`a task recurses by await, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      assert.is(await pool.run(fibAwait, [13]), 233)
      assert.is(await pool.run(nestedAwait, [300]), 300)
    }))

  test(`a task has more children than its worker has slots, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      assert.is(await pool.run(awaitMany, [3_000]), 8_997_000)
      assert.is(await pool.run(getMany, [3_000]), 8_997_000)
    }))

  test(`children fail like any task, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      for (const way of ['get', 'await'] as const) {
        const error = await rejectionOf(pool.run(failInChild, [way, 'from below']))
        assert.instance(error, RangeError)
        assert.is(error.message, 'from below')
      }
      assert.equal(await pool.run(siblings, []), ['2', 'one', '4', 'two'])
      assert.is(pool.stats().respawns, 0)
    }))

  test(`get of an async child is a SyncWaitError, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      const error = await rejectionOf(pool.run(getAsyncChild, []))
      assert.instance(error, SyncWaitError)
      assert.is(error.code, 'ERR_PARALLEL_SYNC_WAIT')
      assert.match(error.message, /await/)
      assert.match(error.message, /"asyncLeaf"/)
      assert.is(await pool.run(add, [1, 2]), 3)
    }))

  test(`inline functions that are made in a task run as its children, with ${threads} threads`, () =>
    withThreads(async (pool) => {
      assert.is(await pool.run(inlineChildren, [10]), 285 + 9)
      assert.is(await pool.run(inlineChildren, [10]), 285 + 9)
    }))
}

test('a child that has not started runs on the stack of the task that waits for it', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.ok(await pool.run(getUntouched, [21]))
  }))

test('arguments and results of children are copies', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.equal(await pool.run(clonedHere, []), [true, true])
  }))

test('a child that has not started can be cancelled', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.equal(await pool.run(cancelChild, []), [true, 'AbortError', 'cancelled'])
  }))

threaded('a child runs on another thread')('another worker steals children of a task that is still busy', () =>
  withPool({ threads: 2 }, async (pool) => {
    for (let round = 0; round < 20; round++) {
      const [parent, child] = await pool.run(stolenChild, [newGate()])
      assert.is.not(parent, child)
    }
    assert.ok(pool.stats().steals >= 20)
  }),
)

for (const children of [1, 3]) {
  threaded('a child runs on another thread')(
    `a task that is usually short waits for one of its ${children} children to run elsewhere`,
    () =>
      withPool({ threads: 2 }, async (pool) => {
        await pool.ready()
        for (let round = 0; round < 3; round++) {
          for (let i = 0; i < 200; i++) await pool.run(stolenChildren, [undefined, 0]) // now it counts as short
          await until(() => pool.stats().idle === 2, 'both workers to sleep')
          const [mine, childs] = (await pool.run(stolenChildren, [newGate(), children])) as [number, number]
          assert.is.not(mine, childs)
        }
      }),
  )
}

threaded('a child runs on another thread')('get waits for a child that runs elsewhere', () =>
  withPool({ threads: 2 }, async (pool) => {
    const child = newGate()
    const handle = pool.run(getElsewhere, [newGate(), child])
    await arrivals(child, 2)
    openGate(child)
    const [mine, childs] = await handle
    assert.is.not(mine, childs)
  }),
)

threaded('a child runs on another thread')('get in a task keeps its deadline', () =>
  withPool({ threads: 2 }, async (pool) => {
    const child = newGate()
    const handle = pool.run(getDeadline, [newGate(), child])
    await arrivals(child, 2)
    openGate(child)
    assert.is(await handle, 'TimeoutError: get')
  }),
)

threaded('a child runs on another thread')('get and wait refuse an async child that another worker runs, too', () =>
  withPool({ threads: 2 }, async (pool) => {
    for (let round = 0; round < 10; round++) {
      const codes = await pool.run(getAsyncChildOfThief, [newGate()])
      assert.equal(codes, ['ERR_PARALLEL_SYNC_WAIT', 'ERR_PARALLEL_SYNC_WAIT'])
    }
  }),
)

test('get gives the value of an async child that has settled', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.is(await pool.run(getSettledAsyncChild, []), 42)
  }))

threaded('a child runs on another thread')(
  'get waits for a child that returns a promise without saying so, unless this thread runs it',
  async () => {
    await withPool({ threads: 2 }, async (pool) => {
      for (let round = 0; round < 10; round++) assert.is(await pool.run(getPromisingChildOfThief, [newGate()]), 42)
    })
    await withPool({ threads: 1 }, async (pool) => {
      assert.instance(await rejectionOf(pool.run(getPromisingChild, [])), SyncWaitError)
    })
  },
)

threaded('a child runs on another thread')(
  'a task that waits for a stolen child helps with a grandchild of another module',
  () =>
    withPool({ threads: 2 }, async (pool) => {
      for (let round = 0; round < 3; round++) assert.is(await pool.run(parentOfOtherGrandchild, [newGate()]), 21)
    }),
)

threaded('a child runs on another thread')(
  'a task that waits for a stolen child does not hold up its async grandchild',
  () =>
    withPool({ threads: 2 }, async (pool) => {
      for (let round = 0; round < 10; round++) assert.is(await pool.run(parentOfAsyncGrandchild, [newGate()]), 40)
    }),
)

threaded('a worker boots')('a child with a payload of its own reaches a worker that boots', async () => {
  for (let round = 0; round < 3; round++) {
    await withPool({ threads: 2 }, async (pool) => {
      assert.equal(await pool.run(heavyChildren, []), [2_000_000, 16, 2_000_002, 16])
    })
  }
})

threaded('a worker dies')('a task that awaits a child learns of the death of the worker that ran it', () =>
  learnsOfDeath(parentOfExit),
)

threaded('a worker dies')('a task that gets a child learns of the death of the worker that ran it', () =>
  learnsOfDeath(parentOfExitByGet),
)

function learnsOfDeath(task: (gate: Int32Array) => PromiseLike<string>): Promise<void> {
  return withPool({ threads: 2 }, async (pool) => {
    await pool.ready()
    const bound = (task as typeof parentOfExit).with({ pool })
    for (let round = 0; round < 2; round++) {
      assert.is(await bound(newGate()), 'ERR_PARALLEL_WORKER_LOST')
      assert.is(await pool.run(awaitMany, [20]), 380)
    }
  })
}

threaded('a worker dies')(
  'a task dies while its child runs elsewhere: the child ends unheard, and the pool goes on',
  () =>
    withPool({ threads: 2 }, async (pool) => {
      await pool.ready()
      for (let round = 0; round < 2; round++) {
        const gate = newGate()
        assert.is((await rejectionOf(pool.run(orphanMaker, [gate]))).exitCode, 3)
        openGate(gate)
        assert.equal(await Promise.all([10, 20].map((children) => pool.run(awaitMany, [children]))), [90, 380])
        assert.is(await pool.run(fibGet, [12]), 144)
      }
    }),
)

test('children of many tasks on more threads than cores', () =>
  withPool({ threads: 4 }, async (pool) => {
    const handles = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0 ? pool.run(fibGet, [9]) : i % 3 === 1 ? pool.run(fibAwait, [8]) : pool.run(awaitMany, [12]),
    )
    const values = await Promise.all(handles)
    assert.ok(values.every((value, i) => value === [34, 21, 132][i % 3]))
  }))

test('a pool is inert in a task: its calls are children of the running task', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.equal(await pool.run(inertPool, []), { sum: 7, workerId: onHost ? undefined : 1, threads: 0 })
  }))

threaded('workers have counts')('stats count children for their workers, and not as calls of the host', () =>
  withPool({ threads: 1 }, async (pool) => {
    await pool.run(awaitMany, [50])
    assert.is(pool.stats().completed, 1)
    await until(() => pool.stats().workers[0]?.completed === 51, 'the count of the worker')
  }),
)

// ---- a parent settles after its children, and has the failures that nobody observed

test('a task settles after the children that it has forgotten', () =>
  withPool({ threads: 1 }, async (pool) => {
    for (const task of [forgets, forgetsAfterAwait, forgetsInThen, forgetsStray] as const) {
      for (let round = 0; round < 5; round++) {
        const gate = newGate()
        const value = await (task as typeof forgetsInThen).with({ pool })(gate)
        assert.is(value, 'returned')
        assert.is(
          arrivedAt(gate),
          { forgets: 10, forgetsAfterAwait: 2, forgetsInThen: 3, forgetsStray: 1 }[task.taskName],
        )
      }
    }
  }))

threaded('a child runs on another thread')('a task settles after a forgotten child that another worker runs', () =>
  withPool({ threads: 2 }, async (pool) => {
    for (let round = 0; round < 5; round++) {
      const gate = newGate()
      const handle = pool.run(waitsForStolen, [newGate(), gate])
      await arrivals(gate, 1)
      // The worker that has returned goes on, and takes nothing but children.
      await new Promise((resolve) => setTimeout(resolve, 5))
      assert.not(handle.isSettled)
      openGate(gate)
      assert.is(await handle, 'returned')
    }
  }),
)

test('a task that fails settles after its children, with its own error', () =>
  withPool({ threads: 1 }, async (pool) => {
    const gate = newGate()
    const error = await rejectionOf(pool.run(failsAndForgets, [gate]))
    assert.instance(error, TypeError)
    assert.is(error.message, 'from the parent')
    assert.is(arrivedAt(gate), 10)
  }))

for (const threads of onHost ? [0] : [1, 2]) {
  test(`a task rejects with the first failure of a child that nobody observed, with ${threads} threads`, () =>
    withPool({ threads }, async (pool) => {
      for (let round = 0; round < 5; round++) {
        const gate = newGate()
        const errors = await Promise.all([
          rejectionOf(pool.run(forgets, [gate, 1])),
          rejectionOf(pool.run(forgetsAfterAwait, [newGate(), true])),
          rejectionOf(pool.run(forgetsStray, [newGate(), true])),
        ])
        assert.ok(errors.every((error) => error instanceof RangeError))
        const messages = errors.map(({ message }) => message)
        assert.equal(messages, ['child 0', 'late child', 'child of a stray'])
        assert.is(arrivedAt(gate), 10)
      }
      assert.match((await rejectionOf(pool.run(forgets, [newGate(), 3]))).message, /^child \d$/)
      assert.is(pool.stats().respawns, 0, 'no worker died of it')
    }))
}

test('several async parents on one worker have each the failure of its own child', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.equal(await pool.run(twoParents, []), ['child of a', 'b', 'child of c'])
  }))

test('async tasks that run side by side have each the failure of its own child', () =>
  withPool({ threads: 1, concurrentTasksPerWorker: 8 }, async (pool) => {
    const handles = Array.from({ length: 40 }, (_, i) => pool.run(forgetsAfterAwait, [newGate(), i % 3 === 0]))
    const outcomes = await Promise.allSettled(handles)
    for (const [i, { status }] of outcomes.entries())
      assert.is(status, i % 3 === 0 ? 'rejected' : 'fulfilled', String(i))
  }))

test('a failure that a task has observed is not its own', () =>
  withPool({ threads: 1 }, async (pool) => {
    const ways = ['await', 'then', 'catch', 'onError', 'get', 'tryGet', 'allSettled', 'cancel']
    for (const way of ways) assert.is(await pool.run(catches, [way]), 'returned', way)
    for (const way of ['nothing', 'wait', 'onComplete'])
      assert.is((await rejectionOf(pool.run(catches, [way]))).message, 'caught', way)
    assert.is(await pool.run(observesLate, []), 'too soon')
    assert.is(pool.stats().respawns, 0)
  }))

test('printing a handle is not observing its failure', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.is((await rejectionOf(pool.run(prints, []))).message, 'printed')
  }))

test('a child that is refused at the call is a failure of the parent like any other', () =>
  withPool({ threads: 1 }, async (pool) => {
    assert.is((await rejectionOf(pool.run(forgetsRefused, []))).code, 'ERR_PARALLEL_PAYLOAD')
    assert.is((await rejectionOf(pool.run(returnsFailing, []))).message, 'returned')
    assert.is(pool.stats().respawns, 0)
  }))

test('get of a child that has left children behind runs them too', () =>
  withPool({ threads: 1 }, async (pool) => {
    for (let round = 0; round < 5; round++) {
      const [value, arrived] = await pool.run(getsForgetful, [newGate()])
      assert.is(value, 'returned')
      assert.is(arrived, 10)
    }
    const error = await rejectionOf(pool.run(getsForgetfulOfAsync, []))
    assert.instance(error, SyncWaitError)
    assert.match(error.message, /"arrivesLater"/)
  }))

test.run()
