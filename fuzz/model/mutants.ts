/**
 * Lines that carry a protocol, each broken on purpose, with the configuration that must notice. A mutant that no configuration
 * kills is a failure of `npm run model -- --mutants`, and so is one whose line is not there any more.
 */
import type { Edit } from './edits.js'

export interface Mutant extends Edit {
  /** What is broken, and a name for the folder of its build. */
  readonly name: string
  /** The configuration that must fail. */
  readonly killer: string
}

const DEQUE = 'lib/ring-buffer/deque.ts'
const LAYOUT = 'lib/ring-buffer/layout.ts'
const FIFO = 'lib/ring-buffer/fifo-ring.ts'
const SPSC = 'lib/ring-buffer/spsc-ring.ts'
const LATCH = 'lib/ring-buffer/latch.ts'
const BELL = 'lib/ring-buffer/doorbell.ts'
const SLOTS = 'lib/ring-buffer/slots.ts'
const WORD = 'lib/ring-buffer/slot-word.ts'
const REMOTE = 'lib/ring-buffer/remote-free.ts'
const STACK = 'lib/scheduler/done-stack.ts'
const IDLE = 'lib/scheduler/idle.ts'
const QUESTIONS = 'lib/scheduler/questions.ts'
const RECOVERY = 'lib/scheduler/recovery.ts'
const BANDS = 'lib/scheduler/bands.ts'
const FINDER = 'lib/scheduler/find-work.ts'
const DISPATCHER = 'lib/workers/dispatcher.ts'
const LOOP = 'lib/workers/main-loop.ts'
const HOST = 'lib/workers/host-loop.ts'
const CHILDREN = 'lib/workers/children.ts'
const SUBMISSIONS = 'lib/workers/submissions.ts'

function mutant(name: string, killer: string, file: string, from: string, to: string): Mutant {
  return { name, killer, file, from, to }
}

export const MUTANTS: readonly Mutant[] = [
  // ---- deque
  mutant(
    'deque: pop reads the top before it lowers the bottom',
    'deque: two thieves',
    DEQUE,
    `    store(words, this.#bottom, last) // claim: thieves that load BOTTOM from here on leave \`last\` alone (steal)
    const top = load(words, this.#top) // observe: thieves that were before us`,
    `    const top = load(words, this.#top)
    store(words, this.#bottom, last)`,
  ),
  mutant(
    'deque: pop takes the last item without a swap',
    'deque: the last item',
    DEQUE,
    'const won = compareExchange(words, this.#top, top, advance(top, 1)) === top',
    'store(words, this.#top, advance(top, 1))\n    const won = true',
  ),
  mutant(
    'deque: pop takes the last item as if it were not the last',
    'deque: the last item',
    DEQUE,
    'if (left > 0) return peek',
    'if (left >= 0) return peek',
  ),
  mutant(
    'deque: pop leaves the bottom lowered after the last item',
    'deque: the last item',
    DEQUE,
    '    store(words, this.#bottom, advance(last, 1)) // publish: empty, to steal\n',
    '',
  ),
  mutant(
    'deque: pop of an empty deque leaves the bottom lowered',
    'deque: the last item',
    DEQUE,
    '      store(words, this.#bottom, top) // publish: empty again, to steal\n',
    '',
  ),
  mutant(
    'deque: steal reads the bottom before the top',
    'deque: two thieves',
    DEQUE,
    `    const top = load(words, this.#top) // observe: TOP before BOTTOM, so that pop's order holds against ours
    if (distance(load(words, this.#bottom), top) <= 0) return EMPTY`,
    `    const bottom = load(words, this.#bottom)
    const top = load(words, this.#top)
    if (distance(bottom, top) <= 0) return EMPTY`,
  ),
  mutant(
    'deque: steal stores the top instead of swapping it',
    'deque: two thieves',
    DEQUE,
    `    const item = peek(words, this.#items + (top & (this.#capacity - 1)))
    return compareExchange(words, this.#top, top, advance(top, 1)) === top ? item : RETRY`,
    `    const item = peek(words, this.#items + (top & (this.#capacity - 1)))
    store(words, this.#top, advance(top, 1))
    return item`,
  ),
  mutant(
    'deque: a push too many',
    'deque: full, at the wrap',
    DEQUE,
    '>= this.capacity) return false // observe: TOP moved by steal',
    '> this.capacity) return false',
  ),
  mutant(
    'deque: the bottom is published before the item',
    'deque: the last item',
    DEQUE,
    `    poke(words, this.#items + (bottom & (this.capacity - 1)), item) // owned: not below BOTTOM yet
    this.#emptyAt = -1
    store(words, this.#bottom, advance(bottom, 1))`,
    `    this.#emptyAt = -1
    store(words, this.#bottom, advance(bottom, 1))
    poke(words, this.#items + (bottom & (this.capacity - 1)), item)`,
  ),
  mutant(
    'layout: a distance that does not wrap',
    'deque: full, at the wrap',
    LAYOUT,
    'return ((a - b) << 2) >> 2',
    'return a - b',
  ),
  // ---- rings
  mutant(
    'fifo: take stores the front instead of swapping it',
    'fifo: two consumers, full',
    FIFO,
    `    const item = peek(words, this.#items + (front & (this.#capacity - 1)))
    return compareExchange(words, this.#front, front, advance(front, 1)) === front ? item : RETRY`,
    `    const item = peek(words, this.#items + (front & (this.#capacity - 1)))
    store(words, this.#front, advance(front, 1))
    return item`,
  ),
  mutant(
    'fifo: take reads the item after the swap',
    'fifo: two consumers, full',
    FIFO,
    `    const item = peek(words, this.#items + (front & (this.#capacity - 1)))
    return compareExchange(words, this.#front, front, advance(front, 1)) === front ? item : RETRY`,
    `    if (compareExchange(words, this.#front, front, advance(front, 1)) !== front) return RETRY
    return peek(words, this.#items + (front & (this.#capacity - 1)))`,
  ),
  mutant(
    'fifo: the producer trusts a front that says full or not',
    'fifo: two consumers, full',
    FIFO,
    'if (left >= wanted && this.#cachedFront !== UNSEEN) return left',
    'if (this.#cachedFront !== UNSEEN) return wanted',
  ),
  mutant(
    'fifo: the back is published before the item',
    'fifo: two consumers, full',
    FIFO,
    '    this.place(0, item)\n    this.publish(1)',
    '    this.publish(1)\n    this.place(-1, item)',
  ),
  mutant(
    'fifo: a run is published before it is won',
    'fifo: runs against one by one',
    FIFO,
    `    if (compareExchange(words, this.#front, front, advance(front, count)) !== front) return RETRY // claim: the whole run
    own.publish(count)`,
    `    own.publish(count)
    if (compareExchange(words, this.#front, front, advance(front, count)) !== front) return RETRY`,
  ),
  mutant(
    'fifo: the producer takes without a swap',
    'fifo: the producer takes too',
    FIFO,
    'const found = compareExchange(words, this.#front, front, advance(front, 1)) // claim: against take, takeInto',
    'const found = front\n    store(words, this.#front, advance(front, 1))',
  ),
  mutant(
    'spsc: the producer does not look again when it is full',
    'spsc: full and empty',
    SPSC,
    `      this.#cachedHead = load(this.#words, this.#headWord) // observe: moved by release
      if (distance(tail, this.#cachedHead) >= this.capacity) return false`,
    '      this.#cachedHead = load(this.#words, this.#headWord)',
  ),
  mutant(
    'spsc: a place is given back before it is read',
    'spsc: batches',
    SPSC,
    'store(this.#words, this.#headWord, this.#head)',
    'store(this.#words, this.#headWord, advance(this.#head, 1))',
  ),
  mutant(
    'spsc: the consumer trusts a tail that it has not read',
    'spsc: full and empty',
    SPSC,
    'if (this.#head !== this.#cachedTail) return false',
    'if (this.#head === this.#cachedTail) return false',
  ),
  // ---- latch, doorbell
  mutant(
    'latch: a waiter does not announce itself',
    'latch: two sync waiters',
    LATCH,
    'return compareExchange(this.#words, this.#word, CLEAR, WAITED) === SET',
    'return load(this.#words, this.#word) === SET',
  ),
  mutant(
    'latch: set wakes one of several',
    'latch: one setter',
    LATCH,
    'notify(this.#words, this.#word, EVERYBODY)',
    'notify(this.#words, this.#word, 1)',
  ),
  mutant(
    'doorbell: prepare does not raise the flag',
    'doorbell: a sync waiter, two ringers',
    BELL,
    'return or(this.#words, this.#word, WAITER) | WAITER',
    'return load(this.#words, this.#word)',
  ),
  mutant(
    'doorbell: a ring does not change the word',
    'doorbell: two waiters',
    BELL,
    'advance(seen & ~WAITER, RING)',
    'seen & ~WAITER',
  ),
  mutant(
    'doorbell: a ring wakes one of several',
    'doorbell: two waiters',
    BELL,
    'notify(words, this.#word, EVERYBODY)',
    'notify(words, this.#word, 1)',
  ),
  mutant(
    'doorbell: a ring stores what it should swap',
    'doorbell: three ringers, two waiters',
    BELL,
    'if (compareExchange(words, this.#word, seen, advance(seen & ~WAITER, RING)) !== seen) return',
    'compareExchange(words, this.#word, load(words, this.#word), advance(seen & ~WAITER, RING))',
  ),
  // ---- slots, blocks
  mutant(
    'slots: a claim does not judge the generation',
    'slots: reuse against stale refs',
    SLOTS,
    'if (stateOf(seen) !== QUEUED || generationOf(seen) !== generation) return false',
    'if (stateOf(seen) !== QUEUED) return false',
  ),
  mutant(
    'slots: a freed slot keeps its generation',
    'slots: reuse against stale refs',
    SLOTS,
    '(generation + 1) & format.generationMask',
    'generation & format.generationMask',
  ),
  mutant(
    'slots: a claim stores instead of swapping',
    'slots: reuse against stale refs',
    SLOTS,
    'if (compareExchange(words, offset, seen, claimedBy(seen, this.#id)) === seen) return true',
    'store(words, offset, claimedBy(seen, this.#id))\n      return true',
  ),
  mutant(
    'slot word: a claim stores instead of swapping',
    'children: joined',
    WORD,
    'if (compareExchange(words, offset, seen, claimed) === seen) return claimed',
    'compareExchange(words, offset, load(words, offset), claimed)\n    return claimed',
  ),
  mutant(
    'slot word: a claim gives up when the word has changed',
    'children: joined',
    WORD,
    'if (stateOf(seen) !== QUEUED) return EMPTY',
    'if (stateOf(seen) !== RUNNING && stateOf(seen) !== QUEUED) return EMPTY',
  ),
  mutant(
    'remote free: a push stores the head instead of swapping it',
    'arena: exhausted, blocks come home',
    REMOTE,
    'const found = compareExchange(words, this.#head, first, block)',
    'const found = first\n      exchange(words, this.#head, block)',
  ),
  mutant(
    'remote free: the owner reads the head and then clears it',
    'arena: exhausted, blocks come home',
    REMOTE,
    'return exchange(this.#words, this.#head, NO_BLOCK)',
    'const first = load(this.#words, this.#head)\n    exchange(this.#words, this.#head, NO_BLOCK)\n    return first',
  ),
  mutant(
    'remote free: a lost swap keeps its old link',
    'arena: exhausted, blocks come home',
    REMOTE,
    '      poke(words, block, first) // owned: nobody else reaches the block before the swap\n      const found = compareExchange(words, this.#head, first, block)',
    '      const found = compareExchange(words, this.#head, first, block)\n      poke(words, block, first)',
  ),
  // ---- done stack
  mutant(
    'done stack: a push stores the head instead of swapping it',
    'children: two executors',
    STACK,
    'if (compareExchange(words, head, top, id + 1) === top) return',
    'exchange(words, head, id + 1)\n    if (top >= 0) return',
  ),
  mutant(
    'done stack: the submitter reads the head and then clears it',
    'children: run elsewhere',
    STACK,
    'let link = exchange(words, head, NONE)',
    'let link = load(words, head)\n  exchange(words, head, NONE)',
  ),
  // ---- parking
  mutant(
    'parking: no second look',
    'pool: one worker, a call',
    LOOP,
    'const hasWork = this.#finder.hasWork()',
    'const hasWork = false as boolean',
  ),
  mutant(
    'parking: a sleeper that finds work leaves its bit behind',
    'pool: two tasks meet',
    LOOP,
    '      this.unparked()\n      if (hasWork)',
    '      this.#parkedIn = 0\n      if (hasWork)',
  ),
  mutant(
    'parking: no bit in SLEEPING',
    'pool: one worker, a call',
    IDLE,
    '    or(this.#words, mask, this.#bit) // publish: may be woken, before the second look\n',
    '',
  ),
  mutant(
    'parking: the park word is set after the bits',
    'pool: one worker, a call',
    IDLE,
    `    store(this.#words, this.#park, this.#rest) // park: before the bit; who takes it out from here on ends the wait
    or(this.#words, mask, this.#bit) // publish: may be woken, before the second look
    this.#searching = false
    and(this.#words, SEARCHING, ~this.#bit)`,
    `    or(this.#words, mask, this.#bit)
    this.#searching = false
    and(this.#words, SEARCHING, ~this.#bit)
    store(this.#words, this.#park, this.#rest)`,
  ),
  mutant(
    'parking: a sleeper that wakes by itself leaves its sleep to be ended',
    'pool: two tasks meet, more switches',
    IDLE,
    'if ((and(this.#words, this.#park, ~rest) & rest) !== 0) return false',
    'if ((load(this.#words, this.#park) & rest) !== 0) return false',
  ),
  mutant(
    'parking: who finds its sleeper awake leaves its mark',
    'pool: two tasks meet, more switches',
    IDLE,
    '  and(words, SEARCHING, ~bit) // publish: nobody relies on it; who did meanwhile is served by the look that follows\n',
    '',
  ),
  // That it begins again takes more switches than two: GIVES_UP in fuzz/spin/parking.pml.
  mutant(
    'parking: the sleep is ended before the mark is set',
    'pool: two tasks meet',
    IDLE,
    `  or(words, SEARCHING, bit) // publish: it searches from now on, to every waker
  if (rouse(memory, lowestWorker(bit), ASLEEP)) return true
`,
    `  if (rouse(memory, lowestWorker(bit), ASLEEP)) {
    or(words, SEARCHING, bit)
    return true
  }
`,
  ),
  mutant(
    'parking: the last searcher wakes nobody',
    'pool: two tasks meet',
    LOOP,
    'if (this.#idle.stopSearch() && this.#finder.hasWork()) wakeOne(this.#memory)',
    'this.#idle.stopSearch()',
  ),
  mutant(
    'parking: no wake after the publication',
    'pool: one worker, a call',
    HOST,
    'if (wakeOne(this.#memory)) this.#lingerMs',
    'if (this.#memory.workers < 0) this.#lingerMs',
  ),
  mutant(
    'parking: a wake is not announced to who sleeps',
    'pool: one worker, a call',
    IDLE,
    `  notify(memory.words, park, 1) // wake: whoever waits on it
  return true`,
    '  return true',
  ),
  mutant(
    'parking: a dead sleeper stays marked as searching',
    'pool: a worker dies, two calls',
    IDLE,
    '  store(words, memory.park(dead), 0) // publish: to rouse, before the marks go: who has woken it in vain had marked it before\n',
    '',
  ),
  // ---- host
  mutant(
    'host: the wrong bell is rung',
    'pool: one worker, a blocked host',
    IDLE,
    'const bell = state === HOST_PARKED ? BELL : BLOCK_BELL',
    'const bell = state === HOST_PARKED ? BLOCK_BELL : BELL',
  ),
  mutant(
    'host: a ring does not change the word',
    'pool: one worker, a blocked host',
    IDLE,
    '  add(words, bell, 1) // wake: the word differs from what the host has seen\n',
    '',
  ),
  mutant(
    'host: it blocks after its last look',
    'pool: one worker, a blocked host',
    HOST,
    `      store(this.#words, HOST_STATE, HOST_BLOCKED) // park: before the last look, so that a completion is seen or rings
      if (this.#dispatcher.drain(DRAIN_LIMIT) === 0) {`,
    `      if (this.#dispatcher.drain(DRAIN_LIMIT) === 0) {
        store(this.#words, HOST_STATE, HOST_BLOCKED)`,
  ),
  mutant(
    'host: it parks without a last look',
    'pool: one worker, a call',
    HOST,
    'if (this.#dispatcher.drain(DRAIN_LIMIT) > 0) {\n      this.#progressMs',
    'if (this.#dispatcher.unsettled < 0) {\n      this.#progressMs',
  ),
  mutant(
    'host: a completion rings before it is recorded',
    'pool: one worker, a call',
    LOOP,
    '    this.#ring.publish()\n    this.#unrung++\n    if (!short || this.#unrung >= BELL_BATCH) this.#flushBell()',
    '    this.#unrung++\n    if (!short || this.#unrung >= BELL_BATCH) this.#flushBell()\n    this.#ring.publish()',
  ),
  // ---- bands
  mutant(
    'bands: the express word is believed whatever index it names',
    'pool: two tasks meet',
    BANDS,
    'express >>> EXPRESS_ID_BITS === (front & INDEX_TAG_MASK)',
    'express >>> EXPRESS_ID_BITS >= 0',
  ),
  mutant(
    'bands: the last look leaves the other bands out',
    'pool: bands',
    BANDS,
    'const bands = load(this.#words, this.#bandsWord) // observe: written by BandWriter after the task',
    'const bands = load(this.#words, this.#bandsWord) & 0',
  ),
  // ---- joins and completions
  mutant(
    'completion: it stores over a flag',
    'children: joined',
    LOOP,
    'if (compareExchange(words, slot + STATE, word, withState(word & ~WAITED, DONE)) !== word) continue',
    'store(words, slot + STATE, withState(word & ~WAITED, DONE))',
  ),
  mutant(
    'completion: the joiner is not woken',
    'children: joined',
    LOOP,
    '      if ((word & WAITED) !== 0) notify(words, slot + STATE, 1) // wake: the joiner on this very word\n',
    '',
  ),
  mutant(
    'completion: the submitter is not unparked',
    'children: run elsewhere',
    LOOP,
    'if (isAwaited) unpark(this.#memory, submitter)',
    'if (isAwaited) peek(this.#words, slot)',
  ),
  mutant(
    'completion: an orphan is not freed',
    'deaths: the parent',
    LOOP,
    "        store(words, slot + STATE, withState(word & ~ORPHAN, FREE)) // publish: to the dead submitter's successor\n",
    '',
  ),
  mutant(
    'join: it stores its flag instead of swapping',
    'children: one joined',
    CHILDREN,
    'if (compareExchange(words, offset, word, waited) !== word) return // publish: notify me, to the executor',
    'store(words, offset, waited)',
  ),
  mutant(
    'children: what an old hint has handed out runs here too',
    'deaths: the parent of two',
    CHILDREN,
    'if (!this.#slots.cancel(call)) return // an old hint to this slot has led somebody to it',
    'this.#slots.cancel(call)',
  ),
  // ---- recovery
  mutant(
    'recovery: the dead stays marked as searching',
    'pool: a worker dies',
    IDLE,
    "  store(words, SEARCHING, 0) // publish: nobody relies on anybody's looking\n",
    '',
  ),
  mutant(
    'recovery: what had not begun is lost',
    'pool: a worker dies',
    SUBMISSIONS,
    '(call.site.idempotent || !hasEntered) &&',
    'call.site.idempotent &&',
  ),
  mutant(
    'recovery: what has begun runs again',
    'pool: a worker dies',
    SUBMISSIONS,
    '(call.site.idempotent || !hasEntered) &&',
    '(call.site.idempotent || call.id >= 0) &&',
  ),
  mutant(
    'recovery: one that died before stays marked as searching',
    'close: by force, more switches',
    IDLE,
    'store(words, SEARCHING, 0)',
    'and(words, SEARCHING, ~bit)',
  ),
  mutant(
    'recovery: the dead can still be woken',
    'pool: a worker dies',
    IDLE,
    '  and(words, SLEEPING, ~bit) // publish: nobody wakes it\n',
    '',
  ),
  mutant(
    'recovery: queued slots get no new hint',
    'pool: a worker dies',
    RECOVERY,
    'if (state === QUEUED) return WAS_QUEUED',
    'if (state === QUEUED) return NOTHING',
  ),
  mutant(
    'recovery: what the dead ran stays running',
    'pool: a worker dies',
    RECOVERY,
    'return compareExchange(words, offset, word, lost) === word ? WAS_LOST : AGAIN',
    'return lost < 0 ? WAS_LOST : NOTHING',
  ),
  mutant(
    'recovery: the submitter is not told',
    'deaths: an executor',
    RECOVERY,
    'if ((verdict === WAS_LOST || verdict === UNRECORDED) && id >= memory.hostSlots)',
    'if (verdict === WAS_LOST && id < 0)',
  ),
  mutant(
    'recovery: what was done and not recorded is left',
    'deaths: an executor',
    RECOVERY,
    'return compareExchange(words, offset, word, word | ORPHAN) === word ? UNRECORDED : AGAIN',
    'return NOTHING',
  ),
  mutant(
    'recovery: a child that is about to be recorded is freed',
    'deaths: the parent',
    RECOVERY,
    'if (state === DONE && executorOf(word) !== dead && !isRecorded && (word & ORPHAN) === 0) return NOTHING',
    'if (state < 0 && isRecorded) return NOTHING',
  ),
  mutant(
    'recovery: a running child of the dead is freed',
    'deaths: the parent',
    RECOVERY,
    'if ((state === RUNNING || state === CONDEMNED) && executorOf(word) !== dead) {',
    'if (state === CONDEMNED && executorOf(word) !== dead) {',
  ),
  mutant(
    'recovery: nobody is unparked',
    'pool: a worker dies, two calls',
    IDLE,
    'for (let p = 1; p <= participants; p++) unpark(memory, p)',
    'for (let p = 1; p < 0; p++) unpark(memory, p)',
  ),
  mutant(
    'recovery: the deque is left as it is',
    'deaths: the joining parent',
    RECOVERY,
    '    const next = advance(found, 1)\n',
    '    if (found >= 0) return\n    const next = advance(found, 1)\n',
  ),
  // ---- what a dead parent leaves
  mutant(
    'pushing: an executor does not name what it is about to push',
    'deaths: the parent with one slot',
    LOOP,
    'store(this.#words, this.#counters + PUSHING, id + 1)',
    'store(this.#words, this.#counters + PUSHING, 0)',
  ),
  mutant(
    'pushing: an executor names it after it is done',
    'deaths: the parent with one slot',
    LOOP,
    `    store(this.#words, this.#counters + PUSHING, id + 1) // publish: before DONE, to Submissions.finishedWith
    const isAwaited = this.#publishDone(slot)`,
    `    const isAwaited = this.#publishDone(slot)
    store(this.#words, this.#counters + PUSHING, id + 1)`,
  ),
  mutant(
    'pushing: an executor says that it is done before it pushes',
    'deaths: the parent with one slot',
    LOOP,
    `    if (isAwaited) pushDone(this.#memory, submitter, id)
    store(this.#words, this.#counters + PUSHING, 0) // publish: this thread is done with the slot`,
    `    store(this.#words, this.#counters + PUSHING, 0)
    if (isAwaited) pushDone(this.#memory, submitter, id)`,
  ),
  mutant(
    'pushing: an executor does not say that it has pushed',
    'deaths: the parent with one slot',
    LOOP,
    '    store(this.#words, this.#counters + PUSHING, 0) // publish: this thread is done with the slot\n',
    '',
  ),
  mutant(
    'pushing: the submitter is told before the executor is done with the slot',
    'deaths: the parent with one slot',
    LOOP,
    `    store(this.#words, this.#counters + PUSHING, 0) // publish: this thread is done with the slot
    if (isAwaited) unpark(this.#memory, submitter)`,
    `    if (isAwaited) unpark(this.#memory, submitter)
    store(this.#words, this.#counters + PUSHING, 0)`,
  ),
  mutant(
    'heir: what its predecessor had taken stays',
    'deaths: the parent with one slot',
    SUBMISSIONS,
    'if ((word & ORPHAN) !== 0 || pushing !== id + 1) finished.push(id)',
    'if ((word & ORPHAN) !== 0 && pushing !== -1) finished.push(id)',
  ),
  mutant(
    'heir: it looks after it has taken the stack',
    'deaths: the parent with one slot, more switches',
    CHILDREN,
    `    const inherited = this.#slots.finishedWith() // before the stack is taken: none of them comes to lie in it after that
    let any = takeDone(this.#memory, this.#worker, this.#done) + inherited.length > 0`,
    `    const taken = takeDone(this.#memory, this.#worker, this.#done)
    const inherited = this.#slots.finishedWith()
    let any = taken + inherited.length > 0`,
  ),
  mutant(
    'heir: a slot that is about to be pushed is used',
    'deaths: the parent with one slot',
    SUBMISSIONS,
    'if (this.#calls[index] !== undefined || this.#inherited.includes(id)) return false',
    'if (this.#calls[index] !== undefined) return false',
  ),

  mutant(
    'recovery: an orphan that its executor died with stays',
    'deaths: the parent and its executor',
    RECOVERY,
    'if ((word & ORPHAN) !== 0) return freed(words, offset, word) // whom it was for is dead too',
    'if ((word & ORPHAN) !== 0) return NOTHING',
  ),

  // ---- what the host takes back
  mutant(
    'cancel: it stores instead of swapping',
    'cancel: against the claim',
    SUBMISSIONS,
    'return compareExchange(this.#words, slot + STATE, word, cancelled) === word // claim: against executors',
    'store(this.#words, slot + STATE, cancelled)\n    return true',
  ),
  mutant(
    'cancel: the old hint is forgotten',
    'cancel: against the claim',
    SUBMISSIONS,
    '    this.markHinted(id)\n    this.#abandon(id, slot, call)\n    call.slot = WITHDRAWN',
    '    this.#abandon(id, slot, call)\n    call.slot = WITHDRAWN',
  ),
  mutant(
    'condemned: the completion does not look',
    'condemn: against the completion',
    LOOP,
    'if (stateOf(word) === CONDEMNED) {',
    'if (word < 0 && stateOf(word) === CONDEMNED) {',
  ),
  mutant(
    'condemned: it claims more',
    'condemn: against the completion',
    LOOP,
    'if (this.#condemned) return this.#awaitEnd()',
    'if (this.#condemned && this.#unrung < 0) return PARK',
  ),
  mutant(
    'condemned: old news ends each of its waits',
    'condemn: against a death',
    LOOP,
    '    this.#idle.clearNews()\n    return PARK',
    '    return PARK',
  ),
  mutant(
    'condemned: it stays so after the death',
    'condemn: against the completion',
    RECOVERY,
    'if ((state !== RUNNING && state !== CONDEMNED) || executorOf(word) !== dead) return NOTHING',
    'if ((state !== RUNNING && (state !== CONDEMNED || dead > 0)) || executorOf(word) !== dead) return NOTHING',
  ),
  mutant(
    'condemned: its death makes it one that was lost',
    'condemn: against the completion',
    RECOVERY,
    'state === CONDEMNED ? CANCELLED : LOST',
    'LOST',
  ),
  mutant(
    'condemned: it runs again after the death',
    'condemn: against the completion',
    SUBMISSIONS,
    'stateOf(word) !== CANCELLED && ',
    '',
  ),
  mutant(
    'close: what runs is withdrawn',
    'close: what waits is cancelled',
    DISPATCHER,
    'if (this.slots.cancel(call)) calls.push(call)',
    'if (this.slots.cancel(call) || call.id >= 0) calls.push(call)',
  ),
  mutant(
    'close: what the dead ran is not taken',
    'close: by force',
    DISPATCHER,
    '? this.slots.takeLost(id) : undefined',
    '? this.slots.callAt(-1) : undefined',
  ),
  mutant(
    'moved: a blocked host does not hear who asks',
    'moved: asked of a blocked host',
    DISPATCHER,
    '    this.answer()\n    if',
    '    if',
  ),
  mutant(
    'moved: the notice comes before the question',
    'moved: asked of a host that parks',
    QUESTIONS,
    `    store(this.#words, this.#word, id + 1) // publish: before the notice, to askedBy
    or(this.#words, NOTICES, ASKED) // publish: before the look at the host's state, to takeQuestions
`,
    `    or(this.#words, NOTICES, ASKED)
    store(this.#words, this.#word, id + 1)
`,
  ),
  mutant(
    'moved: a worker does not ring for its question',
    'moved: asked of a host that parks',
    QUESTIONS,
    '    ringHost(this.#memory)\n',
    '',
  ),
  mutant(
    'moved: the notices are taken after the questions are read',
    'moved: two ask',
    DISPATCHER,
    `    if (!takeQuestions(this.#memory)) return false
    for (let worker = 1; worker <= this.workers; worker++) {
      const id = askedBy(this.#memory, worker)
      if (id !== EMPTY && (this.giver as Giver).give(worker, id)) answered(this.#memory, worker, id)
    }
    return true`,
    `    for (let worker = 1; worker <= this.workers; worker++) {
      const id = askedBy(this.#memory, worker)
      if (id !== EMPTY && (this.giver as Giver).give(worker, id)) answered(this.#memory, worker, id)
    }
    return takeQuestions(this.#memory)`,
  ),
  mutant(
    'moved: an answer wipes out the next question',
    'moved: asked twice',
    QUESTIONS,
    'compareExchange(memory.words, memory.question(worker), id + 1, NONE)',
    'store(memory.words, memory.question(worker), NONE)',
  ),
  mutant(
    'moved: the answer is told before the values are posted',
    'moved: asked of a host that parks',
    DISPATCHER,
    'if (id !== EMPTY && (this.giver as Giver).give(worker, id)) answered(this.#memory, worker, id)',
    `if (id === EMPTY) continue
      answered(this.#memory, worker, id)
      ;(this.giver as Giver).give(worker, id)`,
  ),
  mutant(
    'moved: a full ring takes the questions with it',
    'moved: asked while a ring is full',
    LOOP,
    'else or(this.#words, NOTICES, RESCAN)',
    'else store(this.#words, NOTICES, RESCAN)',
  ),
  mutant(
    'moved: the question of a dead worker is left behind',
    'moved: a worker dies',
    RECOVERY,
    '  forgetQuestion(memory, dead)\n',
    '',
  ),
  mutant(
    'moved: a task that has not begun is lost',
    'moved: a worker dies',
    SUBMISSIONS,
    '(call.site.idempotent || !hasEntered) &&',
    'call.site.idempotent &&',
  ),

  mutant(
    'entered: a task does not say that it has begun',
    'pool: a worker dies',
    LOOP,
    '    poke(this.#words, slot + KINDS, kinds | ENTERED) // owned: claimed by this worker; read by who recovers it\n',
    '',
  ),
  mutant(
    'host: a lone call is not published',
    'pool: short tasks in two stretches',
    HOST,
    '      this.#dispatcher.publish()\n      this.wake(short)',
    '      this.wake(short)',
  ),
  mutant(
    'host: nobody is woken for a lone call',
    'pool: one worker, a call',
    HOST,
    '      this.#dispatcher.publish()\n      this.wake(short)',
    '      this.#dispatcher.publish()',
  ),
  mutant(
    'host: nobody is woken after a death',
    'pool: a worker dies, more switches',
    HOST,
    '    if (this.#dispatcher.unsettled > 0) wakeOne(this.#memory)\n    this.nudge()',
    '    this.nudge()',
  ),
  mutant(
    'host: it does not look after a death',
    'pool: a worker dies',
    HOST,
    '    if (this.#dispatcher.unsettled > 0) wakeOne(this.#memory)\n    this.nudge()',
    '    if (this.#dispatcher.unsettled > 0) wakeOne(this.#memory)',
  ),

  // ---- what has no room
  mutant(
    'completion: a full ring is not told',
    'pool: more completions than room',
    LOOP,
    'else or(this.#words, NOTICES, RESCAN)',
    'else or(this.#words, NOTICES, 0)',
  ),
  mutant(
    'completion: the time is written into a full ring',
    'pool: more completions than room',
    LOOP,
    'if (this.#ring.tryPush(id)) pokeDouble(this.#doubles, this.#ringTimes + place, endMs || this.now())\n    else ',
    'pokeDouble(this.#doubles, this.#ringTimes + place, endMs || this.now())\n    if (!this.#ring.tryPush(id)) ',
  ),
  mutant(
    'host: what waits for room is not placed',
    'pool: more calls than room',
    HOST,
    'const placed = this.#dispatcher.refill()',
    'const placed = 0',
  ),
  mutant(
    'slots: a generation does not come round',
    'slots: generations come round',
    SLOTS,
    '(generation + 1) & format.generationMask',
    'Math.min(generation + 1, format.generationMask)',
  ),

  // ---- a team
  mutant(
    'team: what the dead had in its hand is forgotten',
    'team: a member dies',
    'lib/scheduler/team/recovery.ts',
    '    markHand(map, recoverer, target, found)\n',
    '',
  ),
  mutant(
    'team: the hand is opened before the claim',
    'team: a member dies',
    'lib/scheduler/team/participant.ts',
    `    const word = tryClaim(words, offset + STATE, this.id)
    poke(words, this.#hand, 0) // owned: this participant's alone; the claim has decided`,
    `    poke(words, this.#hand, 0)
    const word = tryClaim(words, offset + STATE, this.id)`,
  ),
  mutant(
    'team: nobody is woken for what was submitted',
    'team: one submits and never looks',
    'lib/scheduler/team/participant.ts',
    `    this.#stock.add(band ?? bands >> 1, task)
    wakeOne(this.#map)`,
    '    this.#stock.add(band ?? bands >> 1, task)',
  ),
  mutant(
    'team: no second look before it sleeps',
    'team: one submits and never looks',
    'lib/scheduler/team/participant.ts',
    '    if (!this.#search.hasWork()) return false\n',
    '    if (this.#claims >= 0) return false\n',
  ),

  // ---- where work is found
  mutant(
    'aging: the hint that was taken is dropped',
    'pool: aging',
    FINDER,
    'if (aged !== EMPTY) return aged',
    'if (aged === RETRY) return aged',
  ),
  mutant(
    'leapfrogging: it runs what it has not claimed',
    'children: leapfrogging',
    FINDER,
    '.stealIf(id) || !this.#claim(id)) return false',
    '.stealIf(id)) return false',
  ),
]
