import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What `lib/index.ts` exports, and the members of each exported type, as the compiler sees them. */
export interface PublicNames {
  readonly exports: ReadonlyMap<string, ReadonlySet<string>>
  /** Members of the exported types named …Options. */
  readonly options: ReadonlySet<string>
}

export function readPublicNames(): PublicNames {
  const index = fileURLToPath(new URL('../../../lib/index.ts', import.meta.url))
  const program = ts.createProgram([index], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts'],
    types: [],
    noEmit: true,
  })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(index)
  const module = source && checker.getSymbolAtLocation(source)
  if (module === undefined) throw new Error('lib/index.ts exports nothing')
  const exports = new Map<string, ReadonlySet<string>>()
  for (const symbol of checker.getExportsOfModule(module)) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(target))
    exports.set(symbol.name, new Set(members.map(({ name }) => name)))
  }
  const options = [...exports].filter(([name]) => name.endsWith('Options')).flatMap(([, members]) => [...members])
  return { exports, options: new Set(options) }
}
