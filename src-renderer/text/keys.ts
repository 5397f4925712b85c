import type { en } from './en'

type TextsLike<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends string ? string : TextsLike<Tree[Key]>
}

/** A catalogue: the keys of the English one. */
export type Texts = TextsLike<typeof en>

type PathOf<Tree> = {
  [Key in keyof Tree & string]: Tree[Key] extends string ? Key : `${Key}.${PathOf<Tree[Key]>}`
}[keyof Tree & string]

/** Where a text is in the catalogue: `plan.start`. */
export type TextKey = PathOf<typeof en>
