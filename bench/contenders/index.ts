// The contenders by name. Each is loaded only in the process that measures it.
import type { Case } from '../question.js'
import type { Contender, Start } from './contender.js'

export type { Contender } from './contender.js'

interface Entry {
  readonly label: string
  /** `floor`: not a pool, but what the platform itself costs. */
  readonly kind: 'ours' | 'peer' | 'floor'
  /** Without it: no pool, but a way to bring values there, which bench/codecs loads. */
  readonly load?: () => Promise<{ start: Start }>
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  makeparallel: { label: 'makeparallel', kind: 'ours', load: () => import('./makeparallel.js') },
  piscina: { label: 'Piscina', kind: 'peer', load: () => import('./piscina.js') },
  'piscina-16': { label: 'Piscina, 16 tasks each', kind: 'peer', load: () => import('./piscina-16.js') },
  'piscina-async': { label: 'Piscina, async atomics', kind: 'peer', load: () => import('./piscina-async.js') },
  tinypool: { label: 'Tinypool', kind: 'peer', load: () => import('./tinypool.js') },
  workerpool: { label: 'workerpool', kind: 'peer', load: () => import('./workerpool.js') },
  poolifier: { label: 'poolifier', kind: 'peer', load: () => import('./poolifier.js') },
  'poolifier-queue': { label: 'poolifier, with its queue', kind: 'peer', load: () => import('./poolifier-queue.js') },
  nanothreads: { label: 'nanothreads', kind: 'peer', load: () => import('./nanothreads.js') },
  'post-message': { label: 'postMessage alone', kind: 'peer', load: () => import('./post-message.js') },
  serial: { label: 'on this thread', kind: 'floor', load: () => import('./serial.js') },
  'bare-worker-empty': {
    label: 'a Worker that loads nothing',
    kind: 'floor',
    load: () => import('./bare-worker-empty.js'),
  },
  'bare-worker-loading': {
    label: 'a Worker that loads the same modules',
    kind: 'floor',
    load: () => import('./bare-worker-loading.js'),
  },
  'bare-promises': { label: 'promises alone', kind: 'floor', load: () => import('./bare-promises.js') },
  'by-hand': { label: 'a call by hand', kind: 'floor', load: () => import('./by-hand.js') },
  divided: { label: 'work divided beforehand', kind: 'floor' },
  'structured-clone': { label: 'structuredClone', kind: 'peer' },
  json: { label: 'JSON', kind: 'peer' },
  v8: { label: 'v8.serialize, v8.deserialize', kind: 'peer' },
  msgpackr: { label: 'msgpackr', kind: 'peer' },
  'msgpackr-structures': { label: 'msgpackr, keys sent once', kind: 'peer' },
}

export const OURS = 'makeparallel'
/** Its variants; a ratio to Piscina is one to the variant that does better there. */
export const PISCINA: readonly string[] = ['piscina', 'piscina-16', 'piscina-async']
export const POOLS: readonly string[] = [
  OURS,
  ...PISCINA,
  'tinypool',
  'workerpool',
  'poolifier',
  'nanothreads',
  'post-message',
]

/** Those whose figures with two workers are asked for as well; `two-workers` has all. */
export const PAIRED: readonly string[] = [OURS, ...PISCINA, 'tinypool', 'post-message']

export const kindOf = (contender: string): Entry['kind'] | undefined => ENTRIES[contender]?.kind

/** What tables call a contender, without its threads. */
export const labelOf = (contender: string): string => ENTRIES[contender]?.label ?? contender

/** Loads its library and starts nothing. */
export async function load(contender: string): Promise<Start> {
  const entry = ENTRIES[contender]
  if (entry?.load === undefined) throw new Error(`there is no contender ${contender} that runs calls`)
  return (await entry.load()).start
}

export const start = async (contender: string, threads: number): Promise<Contender> => (await load(contender))(threads)

/** Every contender with every count of threads; a floor has no threads. */
export function casesOf(contenders: readonly string[], threadCounts: readonly number[]): Case[] {
  return contenders.flatMap((contender) => {
    if (kindOf(contender) === 'floor') return [{ name: contender, contender, threads: 0, label: labelOf(contender) }]
    return threadCounts.map((threads) => ({
      name: `${contender}-${threads}`,
      contender,
      threads,
      label: labelOf(contender),
    }))
  })
}
