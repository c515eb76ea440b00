import './function-values.js'
/** Makes this thread a worker: builds its parts, then runs its main loop until it is told to leave. */
import { RingProducer } from '../ring-buffer/index.js'
import { Asker, Finder, Idle, TeamMemory, tellHost } from '../scheduler/index.js'
import { accept, nextBufferId, PostingAnnouncer } from './announcements.js'
import { AwaitedMoves } from './awaited-moves.js'
import type { Boot } from './boot.js'
import { type Announcement, Buffers } from './buffers.js'
import { Children } from './children.js'
import { Carrier, snapshot, snapshotFailure, transfersOf } from './codec/index.js'
import type { ErrandRequest, WorkerMessage } from './errands.js'
import { Executor } from './execute.js'
import { Functions } from './functions.js'
import { MainLoop } from './main-loop.js'
import { Parking } from './parking.js'
import { BroadcastChannel, clockOffset, type MessagePort, readPort } from './platform-node.js'
import { runtime } from './registry.js'
import { Submissions } from './submissions.js'
import { Tally } from './tally.js'

/** What the host says on a worker's port. */
type HostMessage = Announcement | ErrandRequest | { readonly retire: true }

/**
 * Call it once per thread, before any code that asks what kind of thread this is.
 * @param workerData what `workerData` is here
 */
export async function startWorker(boot: Boot, workerData: unknown): Promise<void> {
  const { worker, port } = boot
  const memory = new TeamMemory(boot.shape, boot.buffer)
  const channel = new BroadcastChannel(boot.channel)
  const functions = new Functions(boot.loadTimeoutMs, ({ name, origin }) => {
    const task = { id: -nextBufferId(memory), name, origin }
    channel.postMessage({ tasks: [task] })
    return task
  })
  const take = (announcement: Announcement): void => accept(announcement, buffers, functions.add)
  const say = (message: WorkerMessage): void => port.postMessage(message)
  const hear = (message: HostMessage): void => {
    if ('errand' in message) {
      loop.errands++ // it does not leave before it has answered
      setImmediate(run, message) // never in the middle of a task that reads announcements
    } else if ('retire' in message) loop.retire()
    else take(message)
  }
  const run = async ({ errand, task, args }: ErrandRequest): Promise<void> => {
    await settingUp
    const name = functions.get(task)?.name ?? `#${task}`
    try {
      const value = await executor.runErrand(task, args)
      const outcome = snapshot(value, 'the result', name)
      port.postMessage({ errand, failed: false, outcome }, transfersOf(outcome.cargo?.moved ?? []) as MessagePort[])
    } catch (error) {
      say({ errand, failed: true, outcome: snapshotFailure(error, name) })
    }
    loop.errands--
    parking.news()
  }
  const readAnnouncements = (): void => {
    readPort(port, hear)
    readPort(channel, take)
  }
  const buffers = new Buffers(readAnnouncements)
  // The listeners keep this thread alive, and the queues short while it is idle.
  port.on('message', hear)
  channel.onmessage = (event) => take((event as { data: Announcement }).data)

  const announce = (announcement: Announcement): void => {
    try {
      channel.postMessage(announcement)
    } catch {
      say({ announcement }) // a Blob, for instance, is not for several at once: the host passes it on
      tellHost(memory)
    }
  }
  const move = (announcement: Announcement, transfer: object[]): void => {
    loop.noteEnd()
    port.postMessage({ announcement }, transfer as MessagePort[])
  }
  const announcer = new PostingAnnouncer(memory, buffers, boot.arenaId, announce, move)
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
  const moves = new AwaitedMoves(new Asker(memory, worker), buffers, boot.spinMs)
  const executor = new Executor(
    memory,
    carrier,
    functions,
    loop,
    parking,
    readAnnouncements,
    moves,
    boot.concurrentTasks,
  )
  const slots = new Submissions(memory, worker, carrier, new Tally())
  slots.inherit()
  const children = new Children(memory, worker, slots, finder, functions, loop, executor, parking)
  runtime().worker = {
    workerId: worker,
    stage: 'started',
    workerData,
    submitter: children,
    now: () => loop.now(),
    isEvaluating: () => functions.loading > 0 && executor.family === undefined,
    refuse: functions.refuse,
  }
  readAnnouncements()
  say({ started: 'booted' })
  /** @throws Error when it fails, or after the load timeout */
  const runInTime = async (task: number): Promise<void> => {
    const work = inTime(executor.runErrand(task, []), boot.loadTimeoutMs)
    await Promise.all([work, loop.runOwn(executor, children, work)])
  }
  /** What it throws ends this thread; the pool gives up after a few. */
  const setUp = async (): Promise<void> => {
    if (boot.bundle !== undefined) await functions.waitFor(boot.bundle)
    if (boot.setup === undefined) return
    await runInTime(boot.setup).catch((cause: unknown) => {
      throw new Error(`setup failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    })
  }
  const settingUp = setUp()
  await settingUp
  idle.enter()
  say({ started: 'live' })
  await loop.run(executor, children)
  // Told to leave, and nothing is left to do.
  if (boot.teardown !== undefined)
    await runInTime(boot.teardown).catch((error: unknown) =>
      say({ teardownFailed: snapshotFailure(error, 'teardown') }),
    )
  setImmediate(() => process.exit(0))
}

/** The outcome of `work`, or a failure after `limitMs`. */
async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  if (limitMs === Number.POSITIVE_INFINITY) return work
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not finish within loadTimeout = ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
