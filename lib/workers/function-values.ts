/**
 * Parallel functions as values, for the codec. What names a function travels, with the options that are bound to it, and arrives as a
 * function that can be called. Its pool stays behind: in a task, calls are children; on the host, they go to the default pool.
 */
import { PayloadError } from '../errors.js'
import { carryFunctions } from './codec/index.js'
import { type Definition, identityOf, type Origin, TASK } from './definition.js'
import { compileInline } from './inline.js'
import { define, runtime } from './registry.js'
import { remoteFunction } from './remote.js'

/** Of the options that layer 3 has bound. */
interface Bound {
  readonly name: string | undefined
  readonly band: number | undefined
  readonly idempotent: boolean | undefined
  readonly metadata: object | undefined
}

/** Undefined for what is no parallel function. */
function describe(value: object): unknown {
  const task = (value as { readonly [TASK]?: { readonly definition: Definition; readonly bound: Bound } })[TASK]
  if (task === undefined) return undefined
  const { origin, name } = task.definition
  const { bound } = task
  return [origin, name, bound.name, bound.band, bound.idempotent, bound.metadata]
}

/** @throws PayloadError, RangeError for what describes no function */
function revive(description: unknown): unknown {
  if (!Array.isArray(description)) throw new RangeError('a function that is not described')
  const [origin, name, boundName, band, idempotent, metadata] = description as unknown[]
  if (!isOrigin(origin) || typeof name !== 'string') throw new RangeError('a function without a name')
  const bound: Bound = {
    name: typeof boundName === 'string' ? boundName : undefined,
    band: typeof band === 'number' && band >= 0 && band <= MOST_BAND && Number.isInteger(band) ? band : undefined,
    idempotent: typeof idempotent === 'boolean' ? idempotent : undefined,
    metadata: typeof metadata === 'object' && metadata !== null ? metadata : undefined,
  }
  const { makeFunction } = runtime()
  if (makeFunction === undefined)
    throw new PayloadError(
      `the parallel function "${name}" has come to a thread whose modules do not import makeparallel: ` +
        'import it in the task module that takes the function.',
    )
  return makeFunction(definitionOf(origin, name), bound)
}

const MOST_BAND = 6

function isOrigin(value: unknown): value is Origin {
  if (typeof value !== 'object' || value === null) return false
  const { kind, text, url, id, key, hash } = value as Record<string, unknown>
  if (kind === 'inline') return typeof text === 'string'
  if (typeof key !== 'string' || !(id === undefined || typeof id === 'string')) return false
  if (kind === 'module') return typeof url === 'string' && typeof hash === 'number'
  return kind === 'remote' && (typeof url === 'string' || (url === undefined && id !== undefined))
}

function definitionOf(origin: Origin, name: string): Definition {
  const { byIdentity, worker } = runtime()
  const identity = identityOf(origin)
  const known = byIdentity.get(identity)
  if (known !== undefined) return known
  if (origin.kind === 'inline') return define(name, origin, compileInline(origin.text, name))
  if (origin.kind === 'remote') return define(name, origin, remoteFunction(origin))
  if (worker === undefined)
    throw new PayloadError(
      `the parallel function "${name}" of ${origin.url} has come to a thread that has not imported its module`,
    )
  // Its module has not been evaluated here. It stays out of the registry, where that would find it instead of itself.
  return { id: 0, name, identity, origin, fn: notEvaluated, meanTicks: -1 }
}

function notEvaluated(): never {
  throw new PayloadError('the module of this function is not evaluated on this thread')
}

carryFunctions({ describe, revive })
