import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parse } from '@babel/parser'

const folder = 'packages/client/src'

/** Title of each section of types, and the modules that declare these types. `*` stands for each capability. */
const typeSections: [title: string, ...modules: string[]][] = [
  ['Options', 'options', 'typed-document', 'subscriptions', 'capabilities/*/options'],
  ['Responses and changes', 'client', 'documents', 'follow', 'capabilities/*/calls'],
  ['Errors', 'errors'],
  ['Data', 'schema'],
]

/** The core's entry points of the client package other than `index`, and the titles of their sections. */
const coreEntries: [title: string, entry: string][] = [
  ['React', 'react'],
  ['graphql-ws', 'graphql-ws'],
  ['REST', 'rest'],
]

/** Matches the path of a capability's entry point. The title of its section is the folder's name. */
const capabilityEntry = /^capabilities\/([^/]+)\/entry$/

function capabilityEntryOf(module: string): [title: string, entry: string][] {
  const [, name = ''] = capabilityEntry.exec(module) ?? []
  return name ? [[name.replace(/^./, letter => letter.toUpperCase()), module]] : []
}

/** A node of Babel's syntax tree, with the members that this file uses. */
interface Node {
  type: string
  start: number
  end: number
  leadingComments?: { type: string; value: string }[]
  id?: Node
  key?: Node
  name?: string
  value?: string
  left?: Node
  right?: Node
  expression?: Node
  typeName?: Node
  typeArguments?: { params: Node[] }
  typeAnnotation?: Node
  typeParameters?: Node
  returnType?: Node
  params?: Node[]
  types?: Node[]
  members?: Node[]
  literal?: Node
  extends?: Node[]
  superClass?: Node
  body?: { body: Node[] }
  optional?: boolean
  kind?: string
  parameter?: Node
  declaration?: Node
  declarations?: Node[]
  init?: Node
  specifiers?: { local: Node; exported?: Node }[]
  source?: Node
}

interface Declaration {
  module: Module
  node: Node
  doc: string
  isExported: boolean
}

/** A member of an interface, as a row of a table. */
interface Member {
  name: string
  type: string
  isOptional: boolean
  doc: string
}

/** Returns the text of the docblock before a node, with one line for each paragraph. */
function docOf({ leadingComments = [] }: Node): string {
  const block = leadingComments.findLast(({ type, value }) => type === 'CommentBlock' && value.startsWith('*'))
  const lines = (block?.value ?? '')
    .slice(1)
    .replaceAll(/^\s*\* ?/gm, '')
    .trim()
  return lines.replaceAll(/(?<!\n)\n(?!\n)/g, ' ')
}

/** A source file of the client package. */
class Module {
  readonly declarations = new Map<string, Declaration>()
  /** Names that this module re-exports, each with the module that declares it. */
  readonly #reExports = new Map<string, string>()
  /** Modules that this module re-exports completely (`export *`). */
  readonly #reExported: string[] = []
  readonly #imports = new Map<string, string>()
  /** The docblock before the module's imports. */
  readonly doc: string

  constructor(
    readonly path: string,
    readonly source: string,
    readonly package_: Map<string, Module>,
  ) {
    const { program } = parse(source, { sourceType: 'module', plugins: ['typescript'] }) as unknown as {
      program: { body: Node[] }
    }
    for (const statement of program.body) this.#add(statement)
    const [first] = program.body
    this.doc = first?.type === 'ImportDeclaration' ? docOf(first) : ''
  }

  #add(statement: Node): void {
    const source = statement.source?.value?.replace(/\.js$/, '')
    const from = source && posix.join(posix.dirname(this.path), source)
    if (from !== undefined && statement.type === 'ExportAllDeclaration') this.#reExported.push(from)
    for (const { local, exported } of statement.specifiers ?? []) {
      if (from === undefined) continue
      if (exported) this.#reExports.set(String(exported.name), from)
      else this.#imports.set(String(local.name), from)
    }
    const isExported = statement.type === 'ExportNamedDeclaration'
    const declared = statement.declaration ?? statement
    const node = declared.declarations?.[0] ?? declared
    if (node.id?.name) {
      this.declarations.set(node.id.name, { module: this, node, doc: docOf(statement), isExported })
    }
  }

  exports(): Map<string, Declaration> {
    const own = [...this.declarations].filter(([, { isExported }]) => isExported)
    const others = [...this.#reExports].flatMap(([name, from]): [string, Declaration][] => {
      const declaration = this.package_.get(from)?.declarations.get(name)
      return declaration ? [[name, declaration]] : []
    })
    const all = this.#reExported.flatMap(from => [...(this.package_.get(from)?.exports() ?? [])])
    return new Map([...own, ...others, ...all])
  }

  text(node: Node): string {
    return this.source.slice(node.start, node.end)
  }

  /** Returns the declaration to which a name refers in this module. */
  find(name: Node | undefined): Declaration | undefined {
    if (name?.type === 'TSQualifiedName') return this.package_.get(String(name.left?.name))?.find(name.right)
    const key = String(name?.name)
    return this.declarations.get(key) ?? this.package_.get(this.#imports.get(key) ?? '')?.declarations.get(key)
  }

  /**
   * Returns the members of a type. Omits the members of named types that it extends, and adds the names of these types
   * to `inherited`.
   */
  membersOf(node: Node | undefined, inherited: string[] = []): Member[] {
    switch (node?.type) {
      case 'TSInterfaceDeclaration':
        return [
          ...(node.extends ?? []).flatMap(parent => this.#inherited(parent, inherited)),
          ...(node.body?.body ?? []).map(member => this.#member(member)),
        ]
      case 'TSTypeAliasDeclaration':
        return this.membersOf(node.typeAnnotation, inherited)
      case 'TSIntersectionType':
        return (node.types ?? []).flatMap(part => this.membersOf(part, inherited))
      case 'TSTypeLiteral':
        return (node.members ?? []).map(member => this.#member(member))
      case 'TSTypeReference':
      case 'TSInterfaceHeritage':
        return this.#referenced(node)
      default:
        return []
    }
  }

  #inherited(parent: Node, inherited: string[]): Member[] {
    if (parent.typeArguments && /^(Omit|Pick)$/.test(String(parent.expression?.name))) return this.#referenced(parent)
    inherited.push(this.text(parent))
    return []
  }

  /** Returns the members of the type to which a reference refers, or those that `Omit` or `Pick` leave of it. */
  #referenced(reference: Node): Member[] {
    const name = reference.typeName ?? reference.expression
    const [of, keys] = reference.typeArguments?.params ?? []
    if (name?.name === 'Omit' || name?.name === 'Pick') {
      const selected = (keys?.types ?? [keys]).map(key => key?.literal?.value)
      return this.membersOf(of).filter(member => selected.includes(member.name) === (name.name === 'Pick'))
    }
    const declaration = this.find(name)
    return declaration ? declaration.module.membersOf(declaration.node) : []
  }

  #member(node: Node): Member {
    const annotation = node.typeAnnotation?.typeAnnotation
    const type = annotation
      ? this.text(annotation)
      : `(${(node.params ?? []).map(param => this.text(param)).join(', ')}) => ${this.returned(node)}`
    const isOptional = node.optional === true
    const stated = isOptional ? type.replace(/ \| undefined$/, '').replace(/^\((\(.*)\)$/s, '$1') : type
    return { name: String(node.key?.name), type: stated.replaceAll(/\s+/g, ' '), isOptional, doc: docOf(node) }
  }

  returned({ returnType }: Node): string {
    return returnType?.typeAnnotation ? this.text(returnType.typeAnnotation) : ''
  }

  /** Returns the signature of a function or a method, without its body. */
  signature(name: string, node: Node): string {
    const params = (node.params ?? []).map(param => this.#parameter(param))
    const generic = name + (node.typeParameters ? this.text(node.typeParameters) : '')
    const one = `${generic}(${params.join(', ')})`
    const returned = node.kind === 'constructor' ? '' : `: ${this.returned(node)}`
    return one.length + returned.length <= 100
      ? one + returned
      : `${generic}(\n${params.map(param => `  ${param},\n`).join('')})${returned}`
  }

  /** Returns the text of a parameter. A parameter with a default value is shown as optional. */
  #parameter(param: Node): string {
    if (param.type !== 'AssignmentPattern' || !param.left?.typeAnnotation) return this.text(param)
    return this.text(param.left).replace(':', '?:').replaceAll(/\s+/g, ' ')
  }
}

/** Generates docs/reference/client-api.md from the docblocks of packages/client. Throws if an export has no docblock. */
export function clientReference(root: string): string {
  const modules = new Map<string, Module>()
  for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.ts')) continue
    const path = file.replace(/\.ts$/, '')
    modules.set(path, new Module(path, readFileSync(join(root, folder, file), 'utf8'), modules))
  }
  return new Page(modules).text()
}

class Page {
  /** The exports of the package. */
  readonly #index: Map<string, Declaration>
  /** Names of all types and functions that have a section of their own, to which other sections link. */
  readonly #linked = new Set<string>()
  /** The entry points other than `index`, and the titles of their sections. */
  readonly #entries: [title: string, entry: string][]

  constructor(readonly modules: Map<string, Module>) {
    this.#index = this.#module('index').exports()
    this.#entries = [...coreEntries, ...[...modules.keys()].flatMap(capabilityEntryOf)]
    for (const [, entry] of this.#entries)
      for (const name of this.#module(entry).exports().keys()) this.#linked.add(name)
    for (const name of this.#index.keys()) this.#linked.add(name)
  }

  text(): string {
    return `${[
      '# Client API',
      '<!-- Generated from the docblocks of packages/client by `npm run schema`. -->',
      'The exports of [benefit-sessions-client](../../packages/client/README.md). Times are texts in UTC, such as `2026-03-26T09:15:00Z`.',
      this.#contents(),
      ...this.#client(),
      ...this.#entries.flatMap(([title, entry]) => [`## ${title}`, this.#module(entry).doc, ...this.#entry(entry)]),
      ...typeSections.flatMap(([title, ...files]) => [
        `## ${title}`,
        ...files.flatMap(file => this.#matching(file)).flatMap(module => this.#exportsOf(module)),
      ]),
    ].join('\n\n')}\n`
  }

  #contents(): string {
    const titles = ['SessionsClient', ...this.#entries.map(([title]) => title), ...typeSections.map(([title]) => title)]
    return titles.map(title => `[${title}](#${title.toLowerCase().replaceAll(' ', '-')})`).join(' · ')
  }

  #module(name: string): Module {
    const module = this.modules.get(name)
    if (!module) throw new Error(`${folder} has no module ${name}`)
    return module
  }

  /** Returns the modules whose path matches. `*` stands for each capability. */
  #matching(path: string): Module[] {
    const pattern = new RegExp(`^${path.replace('*', '[^/]+')}$`)
    return [...this.modules.values()].filter(({ path }) => pattern.test(path))
  }

  /** Returns the section of the client class, with its own methods and those that capabilities add. */
  #client(): string[] {
    const client = this.#declaration('client', 'SessionsClient')
    const added = this.#matching('capabilities/*/calls').flatMap(module => [...module.declarations.values()])
    return [
      '## SessionsClient',
      client.doc,
      ...this.#methods(client),
      ...added
        .filter(({ node }) => node.type === 'ClassDeclaration')
        .flatMap(declaration => [`### ${declaration.doc.replace(/\.$/, '')}`, ...this.#methods(declaration)]),
    ]
  }

  /** Returns the methods of a class. A comment `// ---- Title` in the class begins a subsection. */
  #methods({ module, node }: Declaration): string[] {
    const parts: string[] = []
    for (const member of node.body?.body ?? []) {
      if (member.type !== 'ClassMethod') continue
      const [, title] = /^ ---- ([^:]*)/.exec(member.leadingComments?.[0]?.value ?? '') ?? []
      if (title) parts.push(`### ${title}`)
      const name = String(member.key?.name)
      const isConstructor = name === 'constructor'
      const heading = isConstructor ? 'new SessionsClient' : `client.${name}`
      parts.push(`#### ${heading}`, ...this.#function(module, isConstructor ? heading : name, member, docOf(member)))
    }
    return parts
  }

  #declaration(file: string, name: string): Declaration {
    const declaration = this.#module(file).declarations.get(name)
    if (!declaration) throw new Error(`${folder}/${file}.ts does not declare ${name}`)
    return declaration
  }

  #function(module: Module, name: string, node: Node, doc: string): string[] {
    if (!doc) throw new Error(`${name} has no docblock`)
    const signature = module.signature(name, node)
    const links = [...new Set(signature.match(/\b[A-Z]\w+/g))].filter(
      type => type !== 'SessionsClient' && this.#linked.has(type),
    )
    const types = links.map(type => this.#link(type)).join(', ')
    return [`\`\`\`ts\n${signature}\n\`\`\``, doc, ...(types ? [`Types: ${types}`] : [])]
  }

  #entry(entry: string): string[] {
    const declarations = [...this.#module(entry).exports()]
    const isFunction = ([, { node }]: [string, Declaration]): boolean => node.type === 'FunctionDeclaration'
    const ordered = [...declarations.filter(isFunction), ...declarations.filter(one => !isFunction(one))]
    return ordered.flatMap(([name, declaration]) => this.#section(name, declaration))
  }

  #exportsOf({ declarations }: Module): string[] {
    return [...declarations]
      .filter(([name, declaration]) => name !== 'SessionsClient' && this.#index.get(name) === declaration)
      .flatMap(([name, declaration]) => this.#section(name, declaration))
  }

  #section(name: string, { module, node, doc }: Declaration): string[] {
    if (!doc) throw new Error(`${name} has no docblock`)
    const head = `### ${name}`
    if (node.type === 'FunctionDeclaration') return [head, ...this.#function(module, name, node, doc)]
    if (node.init) return [head, ...this.#function(module, name, node.init, doc)]
    if (node.type === 'ClassDeclaration') return [head, doc, ...this.#table(this.#fieldsOf(module, node))]
    const inherited: string[] = []
    const members = module.membersOf(node, inherited)
    if (members.length === 0 && inherited.length === 0) {
      return [head, doc, `\`\`\`ts\n${module.text(node).replace(/^export /, '')}\n\`\`\``]
    }
    const also =
      inherited.length > 0 ? [`Has all members of ${inherited.map(type => this.#type(type)).join(' and ')}.`] : []
    return [head, doc, ...also, ...this.#table(members)]
  }

  /** Returns the fields that the constructor of an error class declares. */
  #fieldsOf(module: Module, node: Node): Member[] {
    const made = node.body?.body.find(({ kind }) => kind === 'constructor')
    const declared = made?.params?.filter(({ type }) => type === 'TSParameterProperty') ?? []
    return declared.map(param => {
      const { name, left = param.parameter, typeAnnotation } = param.parameter as Node
      const annotation = typeAnnotation?.typeAnnotation
      // All parameters without a type annotation have a number as their default value.
      return {
        name: name ?? String(left?.name),
        type: annotation ? module.text(annotation) : 'number',
        isOptional: false,
        doc: docOf(param),
      }
    })
  }

  #table(members: Member[]): string[] {
    if (members.length === 0) return []
    const rows = members.map(({ name, type, isOptional, doc }) => {
      return `| \`${name}\`${isOptional ? ' (optional)' : ''} | ${this.#type(type)} | ${doc.replaceAll('\n\n', ' ').replaceAll('|', '\\|')} |`
    })
    return [['| member | type | meaning |', '| --- | --- | --- |', ...rows].join('\n')]
  }

  /** Returns a type as Markdown code, in which the names of types with their own section are links. */
  #type(type: string): string {
    const parts = type.split(new RegExp(`\\b(${[...this.#linked].join('|')})\\b`))
    const shown = parts.map((part, i) => (i % 2 === 1 ? this.#link(part) : part && `\`${part}\``))
    return shown.join('').replaceAll('|', '\\|')
  }

  #link(name: string): string {
    return `[\`${name}\`](#${name.toLowerCase()})`
  }
}
