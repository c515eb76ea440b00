/** The file that every worker is started with: builds the worker's parts, then runs its main loop for ever. */
import { parentPort, workerData } from 'node:worker_threads'
import { RingProducer } from '../ring-buffer/index.js'
import { Finder, Idle, TeamMemory } from '../scheduler/index.js'
import { accept, PostingAnnouncer } from './announcements.js'
import { BOOT_KEY, type Boot } from './boot.js'
import { type Announcement, Buffers } from './buffers.js'
import { Children } from './children.js'
import { Carrier } from './codec/index.js'
import { Executor } from './execute.js'
import { Functions } from './functions.js'
import { MainLoop } from './main-loop.js'
import { Parking } from './parking.js'
import { BroadcastChannel, clockOffset, readPort } from './platform-node.js'
import { PROTOCOL, runtime } from './registry.js'
import { Submissions } from './submissions.js'
import { Tally } from './tally.js'

const boot = (workerData as { [BOOT_KEY]?: Boot } | null)?.[BOOT_KEY]
if (boot === undefined || boot.protocol !== PROTOCOL)
  throw new Error('this file is the worker entry of makeparallel; it is started by a Pool, never by hand')
start(boot)

function start(boot: Boot): void {
  const { worker, port } = boot
  const memory = new TeamMemory(boot.shape, boot.buffer)
  const functions = new Functions(boot.loadTimeoutMs)
  const channel = new BroadcastChannel(boot.channel)
  const take = (announcement: Announcement): void => accept(announcement, buffers, functions.add)
  const readAnnouncements = (): void => {
    readPort(port, take)
    readPort(channel, take)
  }
  const buffers = new Buffers(readAnnouncements)
  // The listeners keep this thread alive, and the queues short while it is idle.
  port.on('message', take)
  channel.onmessage = (event) => take((event as { data: Announcement }).data)
  readAnnouncements()

  const announcer = new PostingAnnouncer(memory, buffers, (announcement) => channel.postMessage(announcement))
  const carrier = new Carrier(memory, boot.arena, boot.arenaId, buffers, announcer)
  buffers.addArena(boot.arenaId, boot.arena)
  const finder = new Finder(memory, worker, worker * 0x9e3779b9)
  const tail = memory.ringTail(worker)
  const head = memory.ringHead(worker)
  const ring = new RingProducer(memory.words, tail, head, memory.ringItems(worker), memory.ringCapacity)
  const parking = new Parking(memory.words, memory.park(worker), () => new Promise((resolve) => setImmediate(resolve)))
  const idle = new Idle(memory, worker, boot.maxSearchers)
  const loop = new MainLoop(memory, finder, idle, ring, carrier, parking, {
    worker,
    spinMs: boot.spinMs,
    concurrentTasks: boot.concurrentTasks,
    clockOffsetMs: clockOffset() - boot.hostClockMs,
  })
  const executor = new Executor(memory, carrier, functions, loop, parking, readAnnouncements)
  const slots = new Submissions(memory, worker, carrier, new Tally())
  const children = new Children(memory, worker, slots, finder, functions, loop, executor, parking)
  runtime().worker = {
    workerId: worker,
    workerData: boot.workerData,
    submitter: children,
    now: () => loop.now(),
    isEvaluating: () => functions.loading > 0 && executor.depth === 0 && executor.pending === 0,
  }
  idle.enter()
  parentPort?.postMessage(undefined) // for Threads: live
  void loop.run(executor, children)
}
