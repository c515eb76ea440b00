// One line that says what is being measured; in a file or a pipe, nothing until there is a result.

export interface Progress {
  show(text: string): void
  clear(): void
}

export function startProgress(total: number, out: NodeJS.WriteStream = process.stderr): Progress {
  if (!out.isTTY) return { show() {}, clear() {} }
  const startedAt = performance.now()
  let done = 0
  return {
    show(text) {
      const seconds = (performance.now() - startedAt) / 1000
      const left = done === 0 ? '' : `, about ${Math.ceil((seconds / done) * (total - done))} s left`
      const line = `  ${String(++done).padStart(String(total).length)}/${total}  ${text}${left}`
      out.write(`\r${line.slice(0, (out.columns ?? 80) - 1)}\x1b[K`)
    },
    clear: () => void out.write('\r\x1b[K'),
  }
}
