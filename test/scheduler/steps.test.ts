import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findSteps, programOf } from '../../fuzz/model/steps.js'

// The rules of lib/ring-buffer/README.md, "Steps", that let a transform turn the two layers into generators.

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** Getters for users: they delegate. */
const DELEGATING = new Set(['length', 'place', 'backlog'])

/** What breaks the rules. */
function review(files: readonly string[], atomics: string): string[] {
  const program = programOf(files, atomics)
  const sources = files.filter((file) => file !== atomics).map((file) => program.getSourceFile(file) as ts.SourceFile)
  const { uses, steps, takesStep } = findSteps(program, sources, [atomics])

  const wrong: string[] = []
  const report = (node: ts.Node, what: string): void => {
    const source = node.getSourceFile()
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
    wrong.push(`${source.fileName.slice(root.length)}:${line}: ${what}`)
  }
  for (const node of steps) {
    if (ts.isGetAccessor(node) && DELEGATING.has(node.name.getText()) && delegates(node.body)) continue
    if (ts.isArrowFunction(node) && isSettling(node)) continue
    if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) {
      if (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)) report(node, 'an async function')
    } else report(node, `a step in a ${ts.SyntaxKind[node.kind]}`)
  }
  for (const { node, target, within } of uses) {
    if (ts.isGetAccessor(target) && DELEGATING.has(target.name.getText()) && steps.has(target))
      report(node, 'uses a getter for users')
    if (!takesStep(target)) continue
    for (let at: ts.Node = node; at !== within && at.parent; at = at.parent) {
      if (ts.isParameter(at.parent) && at.parent.initializer === at) report(node, 'a step in a default parameter')
      if (ts.isTryStatement(at.parent) && at.parent.finallyBlock === at) report(node, 'a step in a finally')
    }
  }
  return wrong
}

/** `return this.method()` and no more. */
function delegates(body: ts.Block | undefined): boolean {
  const only = body?.statements.length === 1 ? body.statements[0] : undefined
  return only !== undefined && ts.isReturnStatement(only) && !!only.expression && isOwnCall(only.expression)
}

/** `(result) => this.method(result)`, given to the `then` of a promise. */
function isSettling(node: ts.ArrowFunction): boolean {
  const call = node.parent
  if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return false
  return call.expression.name.text === 'then' && isOwnCall(node.body)
}

function isOwnCall(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  return node.expression.expression.kind === ts.SyntaxKind.ThisKeyword
}

test('whatever takes a step has a name of its own', () => {
  const files = ['lib/ring-buffer', 'lib/scheduler'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(root, folder, name)),
  )
  assert.ok(files.length > 20)
  assert.equal(review(files, join(root, 'lib/ring-buffer/atomics.ts')), [])
})

test('each way of breaking the rules is found', () => {
  const broken = fileURLToPath(new URL('../../../test/scheduler/steps-broken.ts', import.meta.url))
  const found = review([broken], join(root, 'lib/ring-buffer/atomics.ts')).map((line) => line.replace(/^.*:\d+: /, ''))
  assert.equal(found.sort(), [
    'a step in a ArrowFunction',
    'a step in a Constructor',
    'a step in a GetAccessor',
    'a step in a default parameter',
    'a step in a finally',
    'an async function',
    'uses a getter for users',
  ])
})

test.run()
