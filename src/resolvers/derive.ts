import 'reflect-metadata'
import {
  ArgsType,
  type ClassType,
  Extensions,
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from 'type-graphql'
import { z } from 'zod'
import { descriptionOf, isNullable, unwrapped } from '../domain/schema-parts'
import { type CamelMembers, camel, constant } from './names'
import { type Price, price } from './price'
import { DateScalar, DateTime } from './scalars'

// This file derives GraphQL types from zod schemas. Each member of a schema becomes a field with the member's name in
// camelCase, its description and its nullability. Names of members in the description become camelCase as well. A string becomes an ID if the member's name is `id` or ends in `_id`.
// A nested object or enum gets the type that was derived from its schema.

/** A string replaces the field's description, and null omits the description. */
type FieldOverride = string | null | FieldOptions

interface FieldOptions {
  name?: string
  /** GraphQL type of the field or, for a list, of its elements. */
  type?: object
  description?: string | null | undefined
  nullable?: boolean
  deprecationReason?: string
  /**
   * Maximum length of a list; each list needs one. With a number, the list is read together with its parent object.
   * With `page`, the list has at most as many elements as the requested page.
   */
  size?: number | 'page'
}

interface TypeOptions<S extends z.ZodObject> {
  description?: string
  implements?: ClassType | (abstract new () => object)
  members?: { [Member in keyof S['shape']]?: FieldOverride }
}

export type InputValue<S extends z.ZodType> = CamelMembers<z.input<S>>

/** The keys are the schemas' definitions, because `describe` and `meta` copy a schema but not its definition. */
class DerivedTypes<T extends object> {
  readonly #types = new WeakMap<z.ZodType['def'], T>()

  add(schema: z.ZodType, type: T): T {
    this.#types.set(schema.def, type)
    return type
  }

  of(schema: z.ZodType, member: string): T {
    const type = this.#types.get(schema.def)
    if (!type) throw new Error(`${member}: derive a type from this object or enum, or state its type`)
    return type
  }
}

// The maps of derived types are filled while the resolver modules load, like type-graphql's own list of types.
const objectTypes = new DerivedTypes<ClassType>()
const inputTypes = new DerivedTypes<ClassType>()
const enums = new DerivedTypes<object>()

export function objectType<S extends z.ZodObject>(name: string, schema: S, options: TypeOptions<S> = {}): ClassType {
  const type = class {}
  addFields({ type, schema, options, nested: objectTypes })
  ObjectType(name, { simpleResolvers: true, ...options })(type)
  return objectTypes.add(schema, type)
}

export function inputType<S extends z.ZodObject>(
  name: string,
  schema: S,
  options: TypeOptions<S> = {},
): ClassType<InputValue<S> & object> {
  const type = class {} as ClassType<InputValue<S> & object>
  addFields({ type, schema, options, nested: inputTypes })
  InputType(name, options)(type)
  inputTypes.add(schema, type)
  return type
}

export function argsType<S extends z.ZodObject>(
  schema: S,
  options: TypeOptions<S> = {},
): ClassType<InputValue<S> & object> {
  const type = class {} as ClassType<InputValue<S> & object>
  addFields({ type, schema, options, nested: inputTypes })
  ArgsType()(type)
  return type
}

interface EnumOptions<T extends string> {
  description?: string
  descriptions?: { [value in T]?: string }
  constantOf?: (value: T) => string
}

export function enumType<T extends string>(
  name: string,
  schema: z.ZodEnum<{ [value in T]: value }>,
  { constantOf = constant, descriptions = {}, ...options }: EnumOptions<T> = {},
): object {
  const type = Object.fromEntries(schema.options.map(value => [constantOf(value), value]))
  const described = Object.entries(descriptions) as [T, string][]
  const valuesConfig = Object.fromEntries(described.map(([value, description]) => [constantOf(value), { description }]))
  registerEnumType(type, { name, ...options, valuesConfig })
  return enums.add(schema, type)
}

/** `nested` contains the types of nested objects. */
function addFields<S extends z.ZodObject>({
  type: { prototype },
  schema: { shape },
  options: { members = {} },
  nested,
}: {
  type: ClassType
  schema: S
  options: TypeOptions<S>
  nested: DerivedTypes<ClassType>
}): void {
  for (const [member, part] of Object.entries<z.ZodType>(shape)) {
    const override = (members as Record<string, FieldOverride | undefined>)[member]
    const options: FieldOptions = typeof override === 'object' && override ? override : { description: override }
    const derived = descriptionOf(part)?.replace(/\b[a-z]+(?:_[a-z]+)+\b/g, camel)
    const description = (options.description === undefined ? derived : options.description) ?? undefined
    const schema = unwrapped(part)
    const isList = schema instanceof z.ZodArray
    let type = options.type
    // Look up the nested type only when the schema is built, because another module may derive the type later. Look it up
    // once, because type-graphql asks for the type of each input field in each request.
    const found = (): object => {
      type ??= typeOf(isList ? (schema.element as z.ZodType) : schema, member, nested)
      return type
    }
    const name = options.name ?? camel(member)
    Field(() => (isList ? [found()] : found()), {
      nullable: options.nullable ?? isNullable(part),
      ...(description !== undefined && { description }),
      ...(options.deprecationReason !== undefined && { deprecationReason: options.deprecationReason }),
      ...(part instanceof z.ZodDefault && { defaultValue: part.def.defaultValue }),
    })(prototype, name)
    if (options.name !== undefined) Extensions({ member })(prototype, name)
    if (isList && nested === objectTypes) Extensions(price(sizeOf(member, options.size)))(prototype, name)
  }
}

function sizeOf(member: string, size: FieldOptions['size']): Price {
  if (size === undefined) throw new Error(`${member} is a list: state its size`)
  return typeof size === 'number' ? { size, part: true } : { size }
}

function typeOf(schema: z.ZodType, member: string, nested: DerivedTypes<ClassType>): object {
  if (schema instanceof z.ZodObject) return nested.of(schema, member)
  if (schema instanceof z.ZodEnum) return enums.of(schema, member)
  if (schema instanceof z.ZodNumber) return schema.isInt ? Int : Float
  if (schema instanceof z.ZodBoolean) return Boolean
  if (schema instanceof z.ZodStringFormat && schema.format === 'date') return DateScalar
  if (schema.meta()?.format === 'date-time') return DateTime
  if (!(schema instanceof z.ZodString)) throw new Error(`${member}: state the type of this field`)
  return /(^|_)id$/.test(member) ? ID : String
}
