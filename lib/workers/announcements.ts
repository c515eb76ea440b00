/**
 * What must be known before a slot can use it: task functions, arenas, buffers, messages.
 *
 * Host → workers: a port per worker, filled from the moment the worker is created, so that one that is still booting
 * misses nothing. Worker → all: one BroadcastChannel with a random name. Nothing is relayed through an event loop: who
 * meets an unknown number reads what has arrived, synchronously.
 */
import { add } from '#atomics'
import { NEXT_BUFFER, type TeamMemory } from '../scheduler/index.js'
import type { AnnouncedTask, Announcement, Buffers } from './buffers.js'
import { type Announcer, transfersOf } from './codec/index.js'

/** Puts an announcement into the tables of this thread. */
export function accept(
  announcement: Announcement,
  buffers: Buffers,
  addTasks: (tasks: readonly AnnouncedTask[]) => void,
) {
  if ('tasks' in announcement) addTasks(announcement.tasks)
  else if ('arena' in announcement) buffers.addArena(announcement.arena, announcement.region)
  else if ('buffer' in announcement) buffers.addBuffer(announcement.buffer, announcement.shared, announcement.owner)
  else if ('message' in announcement) buffers.addMessage(announcement.message, announcement.value)
  else if ('reference' in announcement)
    buffers.addReference(announcement.reference, announcement.value, announcement.owner)
  else if ('moved' in announcement) buffers.addMoved(announcement.moved, announcement.values)
  else if ('release' in announcement) buffers.remove(announcement.release)
  else buffers.onFree(announcement.free)
}

/** Numbers of arenas, buffers and messages are drawn from one shared counter. */
export function nextBufferId(memory: TeamMemory): number {
  return (add(memory.words, NEXT_BUFFER, 1) + 1) & 0x7fffffff // claim: a number that nobody else draws
}

/** The writer's half of announcing: everybody else by `post`, this thread by its own tables. */
export class PostingAnnouncer implements Announcer {
  readonly #memory: TeamMemory
  readonly #buffers: Buffers
  readonly #owner: number
  readonly #post: (announcement: Announcement) => void
  readonly #move: (values: Announcement, transfer: object[]) => void

  /** `owner`: the number of this thread's arena; `move` posts to the host alone. */
  constructor(
    memory: TeamMemory,
    buffers: Buffers,
    owner: number,
    post: (announcement: Announcement) => void,
    move: (values: Announcement, transfer: object[]) => void,
  ) {
    this.#move = move
    this.#owner = owner
    this.#memory = memory
    this.#buffers = buffers
    this.#post = post
  }

  buffer(shared: SharedArrayBuffer): number {
    const id = nextBufferId(this.#memory)
    this.#buffers.addBuffer(id, shared, this.#owner)
    this.#post({ buffer: id, shared, owner: this.#owner })
    return id
  }

  message(value: unknown): number {
    const id = nextBufferId(this.#memory)
    this.#buffers.addMessage(id, value)
    this.#post({ message: id, value })
    return id
  }

  reference(value: object): number {
    const id = nextBufferId(this.#memory)
    this.#post({ reference: id, value, owner: this.#owner })
    return id
  }

  moved(values: readonly object[]): number {
    const id = nextBufferId(this.#memory)
    this.#move({ moved: id, values }, transfersOf(values))
    return id
  }

  number(): number {
    return nextBufferId(this.#memory)
  }

  release(id: number): void {
    this.#buffers.remove(id)
    this.#post({ release: id })
  }

  free(id: number): void {
    this.#post({ free: id })
  }
}
