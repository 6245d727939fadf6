import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

/** One sentence that a step may have as its reason, as it stands in the source: `{1}`, `{2}` for what is put in when it runs. */
export interface FoundReason {
  readonly text: string
  /** `packages/driver-net-bridge/src/plan.ts` */
  readonly file: string
}

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

const ROOT = join(import.meta.dirname, '../../../..')
const SOURCES = 'packages/{native,runtime,driver-isolation-*,driver-net-*,driver-storage-*}/src/**/*.ts'

/**
 * Every reason in the sources of the runtime and of the built-in drivers: each value of a property `why`, followed through conditions,
 * constants, and the arguments of those who call the function whose parameter it is.
 *
 * @throws Error where a value is something else: then this reader has to learn it
 */
export const collectReasons = (): FoundReason[] => {
  const files = globSync(SOURCES, { cwd: ROOT })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => new Source(file))
  return files.flatMap((source) => source.reasons(files))
}

class Source {
  readonly file: string
  readonly #all: Node[] = []
  readonly #parents = new Map<Node, Node>()

  constructor(file: string) {
    this.file = relative(ROOT, join(ROOT, file))
    const text = readFileSync(join(ROOT, file), 'utf8')
    this.#visit(parseAst(text, { lang: 'ts' }) as unknown as Node)
  }

  reasons(all: readonly Source[]): FoundReason[] {
    return this.#all
      .filter((node) => node.type === 'Property' && nameOf(node.key) === 'why' && !this.#isPattern(node))
      .flatMap((node) => this.#texts(node.value as Node, all))
  }

  /** What `expression` may be. */
  #texts(expression: Node, all: readonly Source[]): FoundReason[] {
    switch (expression.type) {
      case 'Literal':
        return [{ text: String(expression.value), file: this.file }]
      case 'TemplateLiteral': {
        const quasis = expression.quasis as { value: { cooked: string } }[]
        return [{ text: numbered(quasis.map(({ value }) => value.cooked)), file: this.file }]
      }
      case 'ConditionalExpression':
        return [expression.consequent, expression.alternate].flatMap((each) => this.#texts(each as Node, all))
      case 'BinaryExpression': {
        const rights = this.#texts(expression.right as Node, all)
        return this.#texts(expression.left as Node, all).flatMap((left) =>
          rights.map((right) => ({ ...left, text: numbered(`${left.text}${right.text}`.split(/\{\d+\}/)) })),
        )
      }
      case 'MemberExpression':
        // The object that it is a property of says it somewhere else.
        if (nameOf(expression.property) === 'why') return []
        break
      case 'CallExpression':
        // Several in a row are translated one by one.
        if (nameOf((expression.callee as Node).property) === 'join') return this.#mapped(expression.callee as Node, all)
        return this.#returned(nameOf(expression.callee), all)
      case 'Identifier':
        return this.#named(expression, all)
    }
    throw new Error(`${this.file}: a reason that is a ${expression.type}`)
  }

  #named(identifier: Node, all: readonly Source[]): FoundReason[] {
    const name = nameOf(identifier)
    for (let node = this.#parents.get(identifier); node; node = this.#parents.get(node)) {
      const parameters = node.params as Node[] | undefined
      const index =
        parameters?.findIndex((each) => nameOf(each) === name || binds(each, name) || positionOf(each, name) >= 0) ?? -1
      if (index >= 0 && parameters?.[index]) {
        // Taken out of an object: who makes the object says it.
        if (binds(parameters[index], name)) return []
        if (parameters[index].type === 'ArrayPattern') return this.#tabulated(parameters[index], node, name, all)
        const caller = nameOf(this.#parents.get(node)?.id)
        const own = this.#calls(caller, index, all)
        // An exported one is called elsewhere, and a private one may have a namesake there.
        const calls = own.length > 0 ? own : all.flatMap((source) => source.#calls(caller, index, all))
        if (calls.length === 0) throw new Error(`${this.file}: nobody calls ${caller}`)
        return calls
      }
    }
    const constants = this.#all.filter((node) => node.type === 'VariableDeclarator' && nameOf(node.id) === name)
    if (constants.length > 0) return constants.flatMap(({ init }) => this.#texts(init as Node, all))
    if (this.#all.some((node) => node.type === 'VariableDeclarator' && binds(node.id as Node, name))) return []
    throw new Error(`${this.file}: where does the reason ${name} come from?`)
  }

  #calls(name: string, index: number, all: readonly Source[]): FoundReason[] {
    return this.#all
      .filter((node) => node.type === 'CallExpression' && nameOf(node.callee) === name)
      .flatMap(({ arguments: words }) => {
        const word = (words as Node[])[index]
        return word ? this.#texts(word, all) : []
      })
  }

  /** `TABLE.map(([path, why]) => ...)`, or of those that a `filter` has left: a column of the table. */
  #tabulated(row: Node, arrow: Node, name: string, all: readonly Source[]): FoundReason[] {
    let from = ((this.#parents.get(arrow) as Node).callee as Node).object as Node
    while (from.type === 'CallExpression') from = (from.callee as Node).object as Node
    const table = nameOf(from)
    const constant = this.#all.find((node) => node.type === 'VariableDeclarator' && nameOf(node.id) === table)
    if (!constant) throw new Error(`${this.file}: where is the table ${table}?`)
    return ((constant.init as Node).elements as Node[]).flatMap(({ elements }) =>
      this.#texts((elements as Node[])[positionOf(row, name)] as Node, all),
    )
  }

  /** Of an arrow function with nothing but an expression. */
  #returned(name: string, all: readonly Source[]): FoundReason[] {
    for (const source of [this, ...all]) {
      const found = source.#all.find((node) => node.type === 'VariableDeclarator' && nameOf(node.id) === name)
      const body = (found?.init as Node | undefined)?.body
      if (body) return source.#texts(body as Node, all)
    }
    throw new Error(`${this.file}: no function ${name}`)
  }

  /** `list.map((each) => TEXT).join(' ')`, of which this is all but the call. */
  #mapped(join: Node, all: readonly Source[]): FoundReason[] {
    const [arrow] = (join.object as Node).arguments as Node[]
    return this.#texts(arrow?.body as Node, all)
  }

  #isPattern(node: Node): boolean {
    return this.#parents.get(node)?.type === 'ObjectPattern'
  }

  #visit(node: Node): void {
    this.#all.push(node)
    for (const value of Object.values(node))
      for (const child of Array.isArray(value) ? value : [value])
        if (typeof child === 'object' && child !== null && 'type' in child) {
          this.#parents.set(child as Node, node)
          this.#visit(child as Node)
        }
  }
}

const nameOf = (node: unknown): string => String((node as Node | null | undefined)?.name ?? '')

const binds = (pattern: Node, name: string): boolean =>
  pattern.type === 'ObjectPattern' && (pattern.properties as Node[]).some(({ key }) => nameOf(key) === name)

const positionOf = (pattern: Node, name: string): number =>
  pattern.type === 'ArrayPattern'
    ? (pattern.elements as (Node | null)[]).findIndex((each) => nameOf(each) === name)
    : -1

const numbered = (parts: readonly string[]): string => parts.reduce((text, part, index) => `${text}{${index}}${part}`)
