/** Finds what in a value cannot be carried, and says where it is, what it is, and the way out. Only refusals pay for it. */
import { types } from 'node:util'
import { PayloadError } from '../../errors.js'
import { TASK } from '../definition.js'
import { brandOf, slotsOf, UNCLONEABLE } from './brands.js'
import { isDetached, isMarked, isTransferable, whyNotNow } from './moves.js'

interface Culprit {
  readonly path: string
  readonly what: string
  readonly wayOut: string
}

/** A value on the way to others: paths are put together for the culprit alone. */
interface Step {
  readonly value: unknown
  readonly from: Step | undefined
  /** After, and around, the path so far. */
  readonly suffix: string
  readonly prefix: string
}

/** @param root what the value is called: `args`, `the result` */
export function refusal(error: unknown, value: unknown, root: string, task: string): PayloadError {
  const culprit = findCulprit(value, root)
  if (culprit !== undefined)
    return new PayloadError(
      `${culprit.path} of task "${task}" is ${culprit.what}, which cannot be carried to another thread. ${culprit.wayOut}`,
      { cause: error },
    )
  // Not ours to explain: a getter that threw, a value too large.
  const why = error instanceof Error ? error.message : String(error)
  return new PayloadError(`${root} of task "${task}" cannot be carried to another thread: ${why}`, { cause: error })
}

/** Depth first, in the order of the properties. */
function findCulprit(value: unknown, root: string): Culprit | undefined {
  const seen = new Set<object>()
  const steps: Step[] = [{ value, from: undefined, suffix: root, prefix: '' }]
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { value } = step
    if (isObject(value)) {
      if (seen.has(value)) continue
      seen.add(value)
    }
    const found = judge(value)
    if (found !== undefined) return { path: pathOf(step), what: found[0], wayOut: found[1] }
    if (typeof value === 'object' && value !== null) steps.push(...within(value, step).reverse())
  }
  return undefined
}

function judge(value: unknown): readonly [what: string, wayOut: string] | undefined {
  if (typeof value === 'symbol') return [`a symbol (${String(value)})`, 'Pass a string instead.']
  if (typeof value === 'function') {
    if (TASK in value) return undefined
    return [
      `a function (${value.name || 'anonymous'})`,
      'Import it in the task module, or pass what it needs as data. A function of parallel() travels.',
    ]
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (types.isProxy(value)) return ['a Proxy', 'Pass a plain copy of it, as in { ...proxy }.']
  if (value instanceof Promise) return ['a promise', 'Await it before the call.']
  for (const type of [AbortSignal, AbortController]) {
    if (value instanceof type) return [`an ${type.name}`, 'Cancel through the handle that the call returns.']
  }
  for (const type of [WeakMap, WeakSet, WeakRef]) {
    if (value instanceof type) return [`a ${type.name}`, 'Pass its contents as a Map or an array.']
  }
  if (types.isGeneratorObject(value)) return ['a generator', 'Pass an array of what it yields.']
  if (isTransferable(value))
    return [`a ${value.constructor.name}`, 'It can be moved: pass move(value), or name it in transfer.']
  if (types.isSymbolObject(value)) return ['a boxed symbol', 'Pass a string instead.']
  const why = isMarked(value) ? whyNotNow(value) : undefined
  if (why !== undefined) return [why.replace(/[.:].*/, ''), why.replace(/^[^.:]*[.:] */, '')]
  if (types.isArrayBuffer(value) && isDetached(value))
    return ['a buffer that has been transferred', 'Whoever it was transferred to has its bytes.']
  const prototype: object | null = Object.getPrototypeOf(value)
  if (Array.isArray(value)) return undefined
  const isPlain = prototype === null || prototype === Object.prototype
  return (isPlain ? slotsOf(value) : brandOf(value, prototype)) === UNCLONEABLE
    ? [`${withArticle(nameOf(value))} of this thread`, 'Pass what it is made from as data.']
    : undefined
}

/** "Array Iterator" rather than "Iterator", "Intl.Collator" rather than "Collator"; the class where there is no such name. */
function nameOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1)
  const name: unknown = tag === 'Object' ? value.constructor?.name : tag
  return typeof name === 'string' && name !== '' ? name : 'thing'
}

function withArticle(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`
}

function within(value: object, from: Step): Step[] {
  const steps: Step[] = []
  const add = (value: unknown, suffix: string, prefix = ''): void => void steps.push({ value, from, suffix, prefix })
  if (types.isMap(value)) {
    Map.prototype.forEach.call(value, (item, key) => {
      add(key, `.keys(${label(key)})`)
      add(item, `.get(${label(key)})`)
    })
  } else if (types.isSet(value)) {
    let index = 0
    Set.prototype.forEach.call(value, (item) => add(item, `][${index++}]`, '[...'))
  }
  if (ArrayBuffer.isView(value)) {
    if (isMarked(value.buffer) || (types.isArrayBuffer(value.buffer) && isDetached(value.buffer)))
      add(value.buffer, '.buffer')
    return steps
  }
  if (types.isNativeError(value) && Object.hasOwn(value, 'cause')) add(value.cause, '.cause')
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key) // a getter is not run twice
    if (property === undefined || !('value' in property)) continue
    if (!isObject(property.value) && typeof property.value !== 'symbol') continue
    const isName = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
    add(property.value, Array.isArray(value) && !isName ? `[${key}]` : isName ? `.${key}` : `[${JSON.stringify(key)}]`)
  }
  return steps
}

function pathOf(step: Step): string {
  let suffixes = ''
  let prefixes = ''
  for (let at: Step | undefined = step; at !== undefined; at = at.from) {
    suffixes = at.suffix + suffixes
    prefixes += at.prefix
  }
  return prefixes + suffixes
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function label(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : typeof key === 'object' ? '{…}' : String(key)
}
