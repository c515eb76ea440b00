/** What objects have in their internal slots, whatever their prototype and their properties say. */
import { types } from 'node:util'
import { VIEW_CLASSES } from './tags.js'

const { prototype: anyTypedArray } = Object.getPrototypeOf(Uint8Array) as { prototype: object }
const slot = (prototype: object, key: string | symbol): ((this: unknown) => any) | undefined =>
  Object.getOwnPropertyDescriptor(prototype, key)?.get
const typedArrayName = slot(anyTypedArray, Symbol.toStringTag) as (this: unknown) => string | undefined
const viewTypes = new Map<string, number>(VIEW_CLASSES.map(({ name }, type) => [name, type]))

/** Its number among VIEW_CLASSES. */
export function viewType(view: ArrayBufferView): number {
  return viewTypes.get(typedArrayName.call(view) ?? 'DataView') as number
}

/** The view, or, where its prototype was set to another, one of the same bytes as its class makes it. */
export function asItsClass(view: ArrayBufferView): ArrayBufferView {
  if (view.buffer !== undefined) return view
  const isTypedArray = typedArrayName.call(view) !== undefined
  const read = (key: string): any => slot(isTypedArray ? anyTypedArray : DataView.prototype, key)?.call(view)
  const viewClass = VIEW_CLASSES[viewType(view)] as (typeof VIEW_CLASSES)[number]
  return new viewClass(read('buffer'), read('byteOffset'), read(isTypedArray ? 'length' : 'byteLength'))
}

/** Of a boxed one. */
export function primitiveOf(value: object): unknown {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value)
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value)
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value)
  return BigInt.prototype.valueOf.call(value)
}

/** ES2024; TypeScript's library of Node 20 does not know it. */
export function isResizable(buffer: ArrayBufferLike): boolean {
  const { resizable, growable } = buffer as { resizable?: boolean; growable?: boolean }
  return resizable === true || growable === true
}
