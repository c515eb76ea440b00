/**
 * Layer 0: lock-free structures in shared memory. Knows no thread, no timer, and no task function.
 *
 * A structure's name makes regions and the roles on them; that is what embedders use. What works on bare words and
 * offsets (`tryClaim` and its kin, `RemoteFreeStack`, the layout's arithmetic) is for the layers above, which lay out
 * memory of their own.
 */
export { LayoutError } from '../errors.js'
export { Arena, type ArenaOptions, ArenaOwner, ArenaReader } from './arena.js'
export { Counters, type CountersOptions } from './counters.js'
export { Deque, type DequeOptions, DequeOwner, DequeThief } from './deque.js'
export { Doorbell } from './doorbell.js'
export { FifoConsumer, type FifoOptions, FifoProducer, FifoRing } from './fifo-ring.js'
export { Latch } from './latch.js'
export {
  advance,
  createRegion,
  distance,
  EMPTY,
  INDEX_MASK,
  KIND_TEAM,
  LAYOUT_VERSION,
  LINE_BYTES,
  lines,
  openRegion,
  parameterOf,
  powerOfTwo,
  RETRY,
  type Region,
  WORDS_PER_LINE,
} from './layout.js'
export { NO_BLOCK, RemoteFreeStack } from './remote-free.js'
export {
  CANCELLED,
  CONDEMNED,
  DONE,
  executorOf,
  FREE,
  generationOf,
  LOST,
  ORPHAN,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  tryClaim,
  WAITED,
  withState,
} from './slot-word.js'
export { SlotClaimant, SlotOwner, Slots, type SlotsOptions } from './slots.js'
export { RingConsumer, RingProducer, type SpscOptions, SpscRing } from './spsc-ring.js'
