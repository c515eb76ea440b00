/**
 * What kind of object a value is, as structured clone sees it: by its internal slots, not by what its prototype says.
 *
 * For the prototypes of built-in classes the answer is in a table. For any other class the platform is asked once, by
 * cloning an instance: what comes back as a plain object is a class of the user's, what keeps a prototype of its own (Blob,
 * KeyObject, …) only the platform can carry.
 */
import { types } from 'node:util'
import { VIEW_CLASSES } from './tags.js'

export const PLAIN = 0
export const DATE_OBJECT = 1
export const REGEXP_OBJECT = 2
export const MAP_OBJECT = 3
export const SET_OBJECT = 4
export const BOX = 5
export const NODE_BUFFER = 6
export const BYTES = 7
export const SHARED_BYTES = 8
export const BUFFER_VIEW = 9
export const ERROR_OBJECT = 10
/** Carried by the platform, as it is. */
export const PLATFORM = 11
/** Not carried at all. */
export const UNCLONEABLE = 12

const known = new Map<object | null, number>([
  [Date.prototype, DATE_OBJECT],
  [RegExp.prototype, REGEXP_OBJECT],
  [Map.prototype, MAP_OBJECT],
  [Set.prototype, SET_OBJECT],
  [Buffer.prototype, NODE_BUFFER],
  [ArrayBuffer.prototype, BYTES],
  [SharedArrayBuffer.prototype, SHARED_BYTES],
  [AbortSignal.prototype, UNCLONEABLE],
  [AbortController.prototype, UNCLONEABLE],
])
for (const { prototype } of [...VIEW_CLASSES]) known.set(prototype, BUFFER_VIEW)
/** Whether the user's classes are plain: their instances have no slots, for `known` is of built-ins alone. */
const classes = new WeakMap<object, number>()

/** Checks that a table is right about a value whose prototype may have been set. */
const SLOTS: Readonly<Record<number, (value: unknown) => boolean>> = {
  [DATE_OBJECT]: types.isDate,
  [REGEXP_OBJECT]: types.isRegExp,
  [MAP_OBJECT]: types.isMap,
  [SET_OBJECT]: types.isSet,
  [NODE_BUFFER]: types.isUint8Array,
  [BYTES]: types.isArrayBuffer,
  [SHARED_BYTES]: types.isSharedArrayBuffer,
  [BUFFER_VIEW]: ArrayBuffer.isView,
  [UNCLONEABLE]: () => true,
}

/** Of an object that is no array and no proxy, and whose prototype is not that of plain objects. */
export function brandOf(value: object, prototype: object | null): number {
  const brand = known.get(prototype)
  if (brand !== undefined && SLOTS[brand]?.(value) === true) return brand
  const bySlots = slotsOf(value)
  if (bySlots !== PLAIN || prototype === null) return bySlots
  const ofClass = classes.get(prototype)
  if (ofClass !== undefined) return ofClass
  return askPlatform(value, prototype)
}

/** By internal slots alone; PLAIN also for what the platform alone can tell. */
export function slotsOf(value: object): number {
  if (ArrayBuffer.isView(value)) return value instanceof Buffer ? NODE_BUFFER : BUFFER_VIEW
  if (types.isMap(value)) return MAP_OBJECT
  if (types.isSet(value)) return SET_OBJECT
  if (types.isDate(value)) return DATE_OBJECT
  if (types.isRegExp(value)) return REGEXP_OBJECT
  if (types.isNativeError(value)) return value instanceof DOMException ? PLATFORM : ERROR_OBJECT
  if (types.isArrayBuffer(value)) return BYTES
  if (types.isSharedArrayBuffer(value)) return SHARED_BYTES
  if (types.isBoxedPrimitive(value)) return types.isSymbolObject(value) ? UNCLONEABLE : BOX
  if (value instanceof AbortSignal || value instanceof AbortController || isBound(value)) return UNCLONEABLE
  return PLAIN
}

/** What stands for something in this thread, and would be nothing elsewhere. */
function isBound(value: object): boolean {
  return (
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    value instanceof WeakRef ||
    types.isGeneratorObject(value) ||
    types.isMapIterator(value) ||
    types.isSetIterator(value) ||
    types.isModuleNamespaceObject(value) ||
    types.isExternal(value)
  )
}

function askPlatform(value: object, prototype: object): number {
  let clone: object
  try {
    clone = structuredClone(value)
  } catch (error) {
    if (!isRefusedItself(value)) return PLAIN
    return /transfer/i.test(String(error)) ? PLATFORM : UNCLONEABLE
  }
  const brand = Object.getPrototypeOf(clone) === Object.prototype ? PLAIN : PLATFORM
  classes.set(prototype, brand)
  return brand
}

/** It, or what is in it? What can be cloned as the content of another has slots that nothing here asks for. */
export function isRefusedItself(value: object): boolean {
  try {
    structuredClone({ ...value })
    return true
  } catch {
    return false
  }
}
