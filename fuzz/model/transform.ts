/**
 * Makes generators of the shipped sources: whatever takes a step yields before it. What runs in the checker is what is
 * shipped, but for this:
 *
 * - a function that takes steps is a generator, its calls are `yield*`, and an atomic operation is `yield at(site, …)`;
 * - private fields are public ones named `$field`, so that states can be hashed;
 * - `nowUs` and `clock.now` stand still;
 * - constants that only bound sizes are small (`edits.ts`), and a mutant is one more edit.
 *
 * An async function is a generator too: `await` runs what the event loop has for its thread until the promise is settled.
 */
import ts from 'typescript'
import { OPERATIONS, type Operation, type Site } from './sites.js'
import type { Steps } from './steps.js'
import { isStepOfItsOwn } from './tolerated.js'

export interface Transformed {
  readonly text: string
  readonly sites: readonly Site[]
}

/** Functions of the seams that are told their place. */
const TOLD = new Set<string>([...OPERATIONS])
/** Steps that touch no word. */
const OF_NO_WORD = new Set(['choose', 'nextDeath', 'terminate'])
/** Called as generators. */
const LONG = new Set(['settled', 'turn', 'invoke'])

/**
 * `nameOf` shortens a file's name; `specifierOf` is where the emitted module finds what `from` imports as `specifier`;
 * sites are numbered from `firstSite`.
 */
export function transform(
  program: ts.Program,
  source: ts.SourceFile,
  steps: Steps,
  nameOf: (file: string) => string,
  specifierOf: (specifier: string) => string,
  firstSite: number,
): Transformed {
  const sites: Site[] = []
  const file = nameOf(source.fileName)
  const targets = new Map<ts.Node, ts.Declaration>()
  const getters = new Set<ts.Node>()
  for (const { node, target } of steps.uses) {
    if (ts.isCallExpression(node)) targets.set(node, target)
    else if (ts.isGetAccessor(target) && steps.takesStep(target)) getters.add(node)
  }

  const factory = ts.factory
  const runtime = (name: string): ts.Expression =>
    factory.createPropertyAccessExpression(factory.createIdentifier('$model'), name)

  const addSite = (node: ts.Node, operation: Operation): ts.Expression => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
    const text = node.getText().replaceAll(/\s+/g, ' ')
    sites.push({ file, line, within: functionAround(node), operation, text })
    return factory.createNumericLiteral(firstSite + sites.length - 1)
  }

  const transformer: ts.TransformerFactory<ts.SourceFile> = (context) => {
    /** `isStepping`: the code stands in a generator. */
    const visit = (node: ts.Node, isStepping: boolean): ts.Node => {
      const within = (child: ts.Node): ts.Node => visit(child, isStepping)
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return visitSpecifier(node)
      if (ts.isPrivateIdentifier(node)) return factory.createIdentifier(`$${node.text.slice(1)}`)
      if (ts.isCallExpression(node)) return visitCall(node, isStepping)
      if (ts.isAwaitExpression(node) && isStepping) {
        const site = addSite(node, 'turn')
        return delegating(
          factory.createCallExpression(runtime('awaited'), undefined, [site, within(node.expression) as ts.Expression]),
        )
      }
      if (ts.isNewExpression(node) && isStepping && node.expression.getText() === 'Promise') {
        const args = node.arguments?.map((arg) => within(arg) as ts.Expression)
        return factory.createNewExpression(runtime('OwnPromise'), undefined, args)
      }
      if (ts.isPropertyAccessExpression(node) && getters.has(node)) {
        const access = ts.visitEachChild(node, within, context)
        return isStepping ? delegating(access) : access
      }
      if (ts.isGetAccessor(node) && steps.steps.has(node)) return visitGetter(node)
      if (ts.isArrowFunction(node) && steps.steps.has(node)) return visitArrow(node)
      if (ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node)) {
        const makes = steps.steps.has(node)
        const visited = ts.visitEachChild(node, (child) => visit(child, makes), context)
        return makes && node.body ? asGenerator(visited) : visited
      }
      if (ts.isFunctionLike(node)) return ts.visitEachChild(node, (child) => visit(child, false), context)
      return ts.visitEachChild(node, within, context)
    }

    const visitSpecifier = (node: ts.ImportDeclaration | ts.ExportDeclaration): ts.Node => {
      if (!node.moduleSpecifier || !ts.isStringLiteral(node.moduleSpecifier)) return node
      const specifier = factory.createStringLiteral(specifierOf(node.moduleSpecifier.text))
      return ts.isImportDeclaration(node)
        ? factory.updateImportDeclaration(node, node.modifiers, node.importClause, specifier, node.attributes)
        : factory.updateExportDeclaration(
            node,
            node.modifiers,
            node.isTypeOnly,
            node.exportClause,
            specifier,
            undefined,
          )
    }

    const visitCall = (node: ts.CallExpression, isStepping: boolean): ts.Node => {
      const target = targets.get(node)
      const child = (one: ts.Node): ts.Node => visit(one, isStepping)
      if (isClock(node)) return factory.createCallExpression(runtime('now'), undefined, [])
      if (target === undefined || !(steps.isAtomic(target) || steps.isPlain(target) || steps.takesStep(target)))
        return ts.visitEachChild(node, child, context)
      const args = node.arguments.map((arg) => child(arg) as ts.Expression)
      if (steps.isAtomic(target) || steps.isPlain(target)) return visitOperation(node, target, args, isStepping)
      const call = factory.updateCallExpression(node, child(node.expression) as ts.Expression, undefined, args)
      return isStepping ? delegating(call) : call
    }

    const visitOperation = (
      node: ts.CallExpression,
      target: ts.Declaration,
      args: ts.Expression[],
      isStepping: boolean,
    ): ts.Node => {
      const name = (target as ts.FunctionDeclaration).name?.text as Operation
      if (!TOLD.has(name)) return factory.createCallExpression(runtime(name), undefined, args)
      const site = addSite(node, name)
      if (name === 'checkpoint') args = variablesAt(node)
      const isOwnStep = isStepping && (steps.isAtomic(target) || isStepOfItsOwn(file, functionAround(node), name))
      const isSpecial = !isOwnStep || OF_NO_WORD.has(name) || LONG.has(name)
      const call = factory.createCallExpression(runtime(isSpecial ? name : 'at'), undefined, [site, ...args])
      if (!isOwnStep) return call
      return LONG.has(name) ? delegating(call) : yielding(call)
    }

    /** A getter returns the generator of what it stands for. */
    const visitGetter = (node: ts.GetAccessorDeclaration): ts.Node => {
      const made = bound(ts.visitNode(node.body, (child) => visit(child, true)) as ts.Block, [])
      const body = factory.createBlock([
        factory.createReturnStatement(factory.createCallExpression(made, undefined, [])),
      ])
      const name = visit(node.name, false) as ts.PropertyName
      return factory.updateGetAccessorDeclaration(node, node.modifiers, name, [], undefined, body)
    }

    /** A callback that takes steps: who calls it goes through them. */
    const visitArrow = (node: ts.ArrowFunction): ts.Node => {
      const child = (one: ts.Node): ts.Node => visit(one, true)
      const body = ts.isBlock(node.body)
        ? (ts.visitNode(node.body, child) as ts.Block)
        : factory.createBlock([factory.createReturnStatement(ts.visitNode(node.body, child) as ts.Expression)])
      return bound(body, node.parameters)
    }

    const bound = (body: ts.Block, parameters: readonly ts.ParameterDeclaration[]): ts.Expression => {
      const star = factory.createToken(ts.SyntaxKind.AsteriskToken)
      const made = factory.createFunctionExpression(undefined, star, undefined, undefined, parameters, undefined, body)
      const bind = factory.createPropertyAccessExpression(factory.createParenthesizedExpression(made), 'bind')
      return factory.createCallExpression(bind, undefined, [factory.createThis()])
    }

    return (root) => {
      const visited = ts.visitEachChild(root, (child) => visit(child, false), context)
      const model = factory.createNamespaceImport(factory.createIdentifier('$model'))
      const imported = factory.createImportDeclaration(
        undefined,
        factory.createImportClause(false, undefined, model),
        factory.createStringLiteral(specifierOf('$model')),
      )
      const rest = visited.statements.filter((statement) => !isSeamImport(statement))
      return factory.updateSourceFile(visited, [imported, ...rest])
    }
  }

  const delegating = (call: ts.Expression): ts.Expression =>
    factory.createParenthesizedExpression(
      factory.createYieldExpression(factory.createToken(ts.SyntaxKind.AsteriskToken), call),
    )
  const yielding = (call: ts.Expression): ts.Expression =>
    factory.createParenthesizedExpression(factory.createYieldExpression(undefined, call))
  const asGenerator = (node: ts.MethodDeclaration | ts.FunctionDeclaration): ts.Node => {
    const star = factory.createToken(ts.SyntaxKind.AsteriskToken)
    const { modifiers, name, typeParameters, parameters, body } = node
    return ts.isMethodDeclaration(node)
      ? factory.createMethodDeclaration(
          withoutAsync(modifiers),
          star,
          name as ts.PropertyName,
          undefined,
          typeParameters,
          parameters,
          undefined,
          body,
        )
      : factory.createFunctionDeclaration(
          withoutAsync(modifiers),
          star,
          node.name,
          typeParameters,
          parameters,
          undefined,
          body,
        )
  }

  let text = ''
  const write = (name: string, content: string): void => {
    if (name.endsWith('.js')) text = content
  }
  program.emit(source, write, undefined, false, { before: [transformer] })
  if (text === '') throw new Error(`nothing was emitted for ${source.fileName}`)
  return { text, sites }
}

function withoutAsync(modifiers: ts.NodeArray<ts.ModifierLike> | undefined): ts.ModifierLike[] | undefined {
  return modifiers?.filter(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword)
}

/** `nowUs()`, `performance.now()`, `clock.now()`. */
function isClock(node: ts.CallExpression): boolean {
  return /^(nowUs|(performance|clock)\.now)$/.test(node.expression.getText())
}

/** Imports of the seams: their functions are the checker's. */
function isSeamImport(statement: ts.Statement): boolean {
  if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return false
  return /^#atomics$|(^|\/)operations\.js$/.test(statement.moduleSpecifier.text)
}

/** Class and method, or function, in which something stands. */
export function functionAround(node: ts.Node): string {
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    if (ts.isFunctionDeclaration(at)) return at.name?.text ?? ''
    if (ts.isConstructorDeclaration(at)) return `${at.parent.name?.text ?? ''}.constructor`
    if (ts.isMethodDeclaration(at) || ts.isAccessor(at)) {
      const owner = ts.isClassDeclaration(at.parent) ? `${at.parent.name?.text}.` : ''
      return owner + at.name.getText().replace('#', '')
    }
  }
  return ''
}

/** `this` and the local variables that can be seen at a checkpoint, which must stand directly in a method `run`. */
function variablesAt(node: ts.CallExpression): ts.Expression[] {
  const names: ts.Expression[] = [ts.factory.createThis()]
  let at: ts.Node = node
  for (; !ts.isMethodDeclaration(at); at = at.parent) {
    if (ts.isFunctionLike(at) || ts.isSourceFile(at))
      throw new Error(`a checkpoint outside of a run: ${node.getText()}`)
    const { parent } = at
    const declared = ts.isBlock(parent)
      ? parent.statements.filter((one) => ts.isVariableStatement(one) && one.pos < node.pos)
      : ts.isForStatement(parent) && parent.initializer && ts.isVariableDeclarationList(parent.initializer)
        ? [parent.initializer]
        : []
    for (const one of declared) {
      const list = ts.isVariableStatement(one) ? one.declarationList : (one as ts.VariableDeclarationList)
      for (const { name } of list.declarations) {
        for (const one of namesIn(name)) names.push(ts.factory.createIdentifier(one))
      }
    }
    if ((ts.isForOfStatement(parent) || ts.isForInStatement(parent)) && at === parent.statement)
      throw new Error('a checkpoint in a for-of: its iterator is hidden')
  }
  if (at.name.getText() !== 'run') throw new Error(`a checkpoint in ${at.name.getText()}`)
  return names
}

function namesIn(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesIn(element.name)))
}
