/**
 * Which functions take steps: the analysis behind the rules of lib/ring-buffer/README.md, "Steps", and behind the
 * transform that makes those functions generators.
 *
 * A step is a call of what a seam exports (`lib/ring-buffer/atomics.ts`; for scripts also `operations.ts`), but for what is done
 * at once, or of a function that takes one.
 */
import ts from 'typescript'

const PLAIN = new Set(['peek', 'poke', 'peekDouble', 'pokeDouble', 'checkpoint', 'expect', 'note', 'noted'])

/** A call, the use of an accessor, or a construction, and the function in which it stands. */
export interface Use {
  readonly node: ts.Node
  readonly target: ts.Declaration
  readonly within: ts.Node
}

export interface Steps {
  readonly uses: readonly Use[]
  /** Functions that take a step; also methods of interfaces of which an implementation does. */
  readonly steps: ReadonlySet<ts.Node>
  /** True for an atomic operation itself. */
  isAtomic(target: ts.Node): boolean
  /** True for what a seam exports and is no step: `peek`, `poke` and their kin. */
  isPlain(target: ts.Node): boolean
  takesStep(target: ts.Node): boolean
}

/** What TypeScript has to know to resolve every call; `#atomics` is the file `atomics`. `edit` may change what is read. */
export function programOf(
  files: readonly string[],
  atomics: string,
  old?: ts.Program,
  edit?: (file: string, text: string) => string,
): ts.Program {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
    paths: { '#atomics': [atomics] },
    types: [],
    verbatimModuleSyntax: true,
  }
  const host = ts.createCompilerHost(options)
  const { readFile, getSourceFile } = host
  host.getSourceFile = (file, language, ...rest) => {
    const text = edit && readFile(file)
    const edited = text && edit(file, text)
    const before = old?.getSourceFile(file)
    if (before && before.text === (edited ?? before.text)) return before // so that nothing is parsed or bound twice
    return edited ? ts.createSourceFile(file, edited, language) : getSourceFile(file, language, ...rest)
  }
  return ts.createProgram({ rootNames: files, options, host, ...(old !== undefined && { oldProgram: old }) })
}

/** `isStepToo` names plain accesses that are to be steps. */
export function findSteps(
  program: ts.Program,
  sources: readonly ts.SourceFile[],
  seams: readonly string[],
  isStepToo: (node: ts.Node, target: ts.Node) => boolean = () => false,
): Steps {
  const checker = program.getTypeChecker()

  const targetOf = (expression: ts.Node): ts.Declaration | undefined => {
    const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression
    const symbol = checker.getSymbolAtLocation(name)
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return target?.valueDeclaration
  }
  const isOfSeam = (target: ts.Node, plain: boolean): boolean =>
    ts.isFunctionDeclaration(target) &&
    seams.includes(target.getSourceFile().fileName) &&
    PLAIN.has(target.name?.text ?? '') === plain

  const uses: Use[] = []
  /** A method of an interface and those that implement it are one: who takes a step makes all of them take steps. */
  const kin: (readonly [ts.Node, ts.Node])[] = []
  for (const source of sources) {
    const visit = (node: ts.Node, within: ts.Node): void => {
      const target = usedBy(node)
      if (target) uses.push({ node, target, within })
      if (ts.isClassDeclaration(node)) relate(node)
      ts.forEachChild(node, (child) =>
        visit(child, ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) ? node : within),
      )
    }
    visit(source, source)
  }

  function usedBy(node: ts.Node): ts.Declaration | undefined {
    if (ts.isCallExpression(node)) return targetOf(node.expression)
    if (ts.isNewExpression(node)) {
      const type = targetOf(node.expression)
      return type && ts.isClassDeclaration(type) ? type.members.find(ts.isConstructorDeclaration) : undefined
    }
    if (!ts.isPropertyAccessExpression(node)) return undefined
    const property = targetOf(node)
    return property && ts.isAccessor(property) ? property : undefined
  }

  function relate(node: ts.ClassDeclaration): void {
    for (const { types } of node.heritageClauses ?? []) {
      for (const type of types) {
        for (const property of checker.getTypeAtLocation(type).getProperties()) {
          const method = property.valueDeclaration
          const own = node.members.find((member) => member.name?.getText() === property.name)
          if (method && own && ts.isMethodDeclaration(own)) kin.push([method, own])
        }
      }
    }
  }

  const isAtomic = (target: ts.Node): boolean => isOfSeam(target, false)
  const steps = new Set<ts.Node>()
  const takesStep = (target: ts.Node): boolean => isAtomic(target) || steps.has(target)
  for (let size = -1; size !== steps.size; ) {
    size = steps.size
    for (const { node, target, within } of uses) {
      if (takesStep(target) || isStepToo(node, target)) steps.add(within)
    }
    for (const [one, other] of kin) {
      if (steps.has(one)) steps.add(other)
      else if (steps.has(other)) steps.add(one)
    }
  }
  return { uses, steps, isAtomic, isPlain: (target) => isOfSeam(target, true), takesStep }
}
