// What no thread can pass to another. The libraries of Node 20 and of TypeScript do not know all of it.

const wasm = Reflect.get(globalThis, 'WebAssembly')
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)

/** A new one each time; `what` a refusal calls it. */
export const refusedKinds: readonly (readonly [name: string, make: () => unknown, what: string])[] = [
  ['a function', () => function named() {}, 'a function (named)'],
  ['an arrow function', () => () => {}, 'a function (anonymous)'],
  ['an async function', () => async function later() {}, 'a function (later)'],
  ['a class', () => class Named {}, 'a function (Named)'],
  ['a method', () => 'text'.trim, 'a function (trim)'],
  ['a Proxy of a function', () => new Proxy(function inner() {}, {}), 'a function (inner)'],
  ['a Proxy', () => new Proxy({}, {}), 'a Proxy'],
  ['a Proxy of an array', () => new Proxy([1], {}), 'a Proxy'],
  ['a revoked Proxy', () => revoked(), 'a Proxy'],
  ['a symbol', () => Symbol('s'), 'a symbol (Symbol(s))'],
  ['a boxed symbol', () => Object(Symbol('s')), 'a boxed symbol'],
  ['a promise', () => Promise.resolve(1), 'a promise'],
  ['a WeakMap', () => new WeakMap(), 'a WeakMap'],
  ['a WeakMap with properties', () => Object.assign(new WeakMap(), { a: 1 }), 'a WeakMap'],
  ['a WeakSet', () => new WeakSet(), 'a WeakSet'],
  ['a WeakRef', () => new WeakRef({}), 'a WeakRef'],
  ['a FinalizationRegistry', () => new FinalizationRegistry(() => {}), 'a FinalizationRegistry of this thread'],
  [
    'one with properties',
    () => Object.assign(new FinalizationRegistry(() => {}), { a: 1 }),
    'a FinalizationRegistry of',
  ],
  ['a generator', () => (function* () {})(), 'a generator'],
  ['an async generator', () => (async function* () {})(), 'a generator'],
  ['an iterator of an array', () => [1][Symbol.iterator](), 'an Array Iterator of this thread'],
  ['an iterator of a text', () => 'a'[Symbol.iterator](), 'a String Iterator of this thread'],
  ['an iterator of a Map', () => new Map().entries(), 'a Map Iterator of this thread'],
  ['an iterator of a Set', () => new Set().values(), 'a Set Iterator of this thread'],
  ['an iterator of matches', () => 'a'.matchAll(/a/g), 'a RegExp String Iterator of this thread'],
  ['an AbortSignal', () => new AbortController().signal, 'an AbortSignal'],
  ['an AbortController', () => new AbortController(), 'an AbortController'],
  ['a stream', () => new ReadableStream(), 'a ReadableStream'],
  ['a port', () => new MessageChannel().port1, 'a MessagePort'],
  ['Intl.Collator', () => new Intl.Collator(), 'an Intl.Collator of this thread'],
  ['Intl.NumberFormat', () => new Intl.NumberFormat(), 'an Intl.NumberFormat of this thread'],
  ['Intl.DateTimeFormat', () => new Intl.DateTimeFormat(), 'an Intl.DateTimeFormat of this thread'],
  ['Intl.PluralRules', () => new Intl.PluralRules(), 'an Intl.PluralRules of this thread'],
  ['Intl.Locale', () => new Intl.Locale('en'), 'an Intl.Locale of this thread'],
  ['Intl.Segmenter', () => new Intl.Segmenter(), 'an Intl.Segmenter of this thread'],
  ['WebAssembly.Memory', () => Reflect.construct(wasm.Memory, [{ initial: 1 }]), 'a WebAssembly.Memory of this thread'],
  [
    'WebAssembly.Instance',
    () => new wasm.Instance(new wasm.Module(EMPTY_MODULE)),
    'a WebAssembly.Instance of this thread',
  ],
  ['WebAssembly.Table', () => new wasm.Table({ initial: 1, element: 'anyfunc' }), 'a WebAssembly.Table of this thread'],
  ['WebAssembly.Global', () => new wasm.Global({ value: 'i32' }), 'a WebAssembly.Global of this thread'],
]

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
