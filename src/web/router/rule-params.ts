/** The parameters of a rule, inferred from its text: `'/users/<int:id>'` gives `{ readonly id: number }`. */
import type { ParamValue } from './converter.ts'

/** The value that each converter gives. */
export interface ConverterValues {
  readonly default: string
  readonly string: string
  readonly path: string
  readonly any: string
  readonly int: number
  readonly float: number
}

type Trim<S extends string> = S extends ` ${infer T}` ? Trim<T> : S extends `${infer T} ` ? Trim<T> : S

/** `red, green` is 'red' | 'green'; quoted items may have commas and are not told apart. */
type Items<A extends string> =
  A extends `${string}"${string}` | `${string}'${string}` ? string :
  A extends `${infer First},${infer Rest}` ? Trim<First> | Items<Rest> : Trim<A>

type Value<C extends string> = C extends keyof ConverterValues ? ConverterValues[C] : never

/** What one placeholder adds; the brackets are looked for first, there may be a colon in them. */
type Param<P extends string> =
  P extends `any(${infer A}):${infer N}` ? { readonly [K in N]: Items<A> } :
  P extends `${infer C}(${string}):${infer N}` ? { readonly [K in N]: Value<C> } :
  P extends `${infer C}:${infer N}` ? { readonly [K in N]: Value<C> } :
  { readonly [K in P]: string }

type Params<R extends string> = R extends `${string}<${infer P}>${infer Rest}` ? Param<P> & Params<Rest> : unknown

/** One object type instead of an intersection, as it should be read in messages. */
type Flat<T> = { [K in keyof T]: T[K] }

/** The parameters of a rule; of one that is not known when compiling, any names. */
export type RuleParams<R extends string> = string extends R ? Readonly<Record<string, ParamValue>> : Flat<Params<R>>

/** The parameters below a router whose rule is `Outer`; an unknown outer rule adds nothing that could be relied on. */
export type NestedParams<Outer extends string, Inner extends string> =
  string extends Outer ? RuleParams<Inner> : string extends Inner ? RuleParams<Inner> : Flat<Params<Outer> & Params<Inner>>

/** What url() needs: the variables, without those that have a default only if wanted. Numbers may be given for text. */
export type UrlParams<R extends string, Optional extends string = never> = string extends R
  ? Readonly<Record<string, ParamValue>>
  : Flat<{ readonly [K in Exclude<keyof Params<R>, Optional>]: Accepted<Params<R>[K]> }
    & { readonly [K in Extract<keyof Params<R>, Optional>]?: Accepted<Params<R>[K]> }>

type Accepted<V> = string extends V ? string | number : V

type Fault<P extends string> =
  P extends `${infer C}(${string}):${infer N}` ? FaultOf<C, N> :
  P extends `${infer C}:${infer N}` ? FaultOf<C, N> :
  P extends '' ? 'a placeholder has no name' : never

type FaultOf<C extends string, N extends string> =
  C extends keyof ConverterValues ? (N extends '' ? 'a placeholder has no name' : never) : `there is no converter ${C}`

/** What is wrong with a rule as far as types can tell; never where nothing is. */
export type RuleFault<R extends string, Seen extends string = never> =
  string extends R ? never :
  R extends `${string}<${infer P}>${infer Rest}`
    ? Fault<P> | (NameOf<P> extends Seen ? `the variable ${NameOf<P>} is there twice` : never) | RuleFault<Rest, Seen | NameOf<P>>
    : R extends `${string}<${string}` ? 'a placeholder has no >' : never

type NameOf<P extends string> = P extends `${string}(${string}):${infer N}` ? N : P extends `${string}:${infer N}` ? N : P

/** A rule without a fault; else the fault, which no text is assignable to. */
export type CheckedRule<R extends string> = [RuleFault<R>] extends [never] ? R : RuleFault<R>
