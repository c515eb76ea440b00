/** Properties of what is made out of bytes: always its own data, whatever prototypes have under that key. */

export function put(object: object, key: string, value: unknown): void {
  if (key in object) Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
  else (object as Record<string, unknown>)[key] = value
}

export function defineHidden(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, configurable: true, enumerable: false, writable: true })
}
