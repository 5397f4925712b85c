import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'vue/compiler-sfc'
import { appErrors, notice } from '../../src-main/contract/app'
import { carrierErrors } from '../../src-main/contract/carrier'
import { COMMANDS, MENUS } from '../../src-main/contract/commands'
import { deltaErrors } from '../../src-main/contract/delta'
import { handsetErrors } from '../../src-main/contract/handsets'
import { imageErrors } from '../../src-main/contract/images'
import { mailErrors } from '../../src-main/contract/mail'
import { networkErrors } from '../../src-main/contract/network'
import { observeErrors } from '../../src-main/contract/observe'
import { callErrors } from '../../src-main/contract/procedure'
import { restoreErrors } from '../../src-main/contract/restore'
import { rolloutErrors } from '../../src-main/contract/rollouts'
import { settlementErrors } from '../../src-main/contract/settlement'
import { vendorErrors } from '../../src-main/contract/vendor'
import { en } from '../../src-renderer/text/en'
import { ja } from '../../src-renderer/text/ja'

const RENDERER = resolve(import.meta.dirname, '../../src-renderer')
const english = flatten(en)
const japanese = flatten(ja)
const sources = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
  .filter(name => /\.(ts|vue)$/.test(name) && !name.startsWith('text/'))
  .map(name => ({ name, text: readFileSync(join(RENDERER, name), 'utf8') }))

describe('The catalogues', () => {
  test('hold the same keys, none without words', () => {
    expect([...japanese.keys()].toSorted()).toEqual([...english.keys()].toSorted())
    expect([...english, ...japanese].filter(([, text]) => text.trim() === '')).toEqual([])
  })

  test('ask for the same values under the same key', () => {
    const valuesOf = (text = '') => [...new Set(text.match(/\{\w+\}/g))].toSorted()
    const unequal = [...english.keys()].filter(
      key => String(valuesOf(english.get(key))) !== String(valuesOf(japanese.get(key))),
    )
    expect(unequal).toEqual([])
  })

  test('hold every key that is asked for, and no key that nobody asks for', () => {
    const asked = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/\bt\(\s*'([^']+)'/g)].map(match => ({ name, key: match[1] ?? '' })),
    )
    expect(asked.filter(({ key }) => !english.has(key))).toEqual([])
    const all = sources.map(({ text }) => text).join('\n')
    const literals = new Set([...all.matchAll(/'([\w.-]+)'/g)].map(match => match[1]))
    const prefixes = [...all.matchAll(/`([\w-]+\.(?:[\w-]+\.)*)\$\{/g)].map(match => match[1] ?? '')
    const unused = [...english.keys()].filter(
      key => !literals.has(key) && !prefixes.some(prefix => key.startsWith(prefix)),
    )
    expect(unused).toEqual([])
  })

  test('say every error code of the contract, and every kind of notice', () => {
    const codes = [
      appErrors,
      callErrors,
      carrierErrors,
      deltaErrors,
      handsetErrors,
      imageErrors,
      mailErrors,
      networkErrors,
      observeErrors,
      restoreErrors,
      rolloutErrors,
      settlementErrors,
      vendorErrors,
    ]
      .flatMap(table => Object.keys(table))
      .filter(code => !english.has(`errors.${code}.what`))
    expect(codes).toEqual([])
    const kinds = notice.shape.code.options.filter(code => !english.has(`notices.${code}`))
    expect(kinds).toEqual([])
  })
})

test('Templates hold no words of their own', () => {
  const found = sources
    .filter(({ name }) => name.endsWith('.vue'))
    .flatMap(({ name, text }) => {
      const tree = parse(text).descriptor.template?.ast
      return tree ? wordsIn(tree).map(words => ({ name, words })) : []
    })
  expect(found).toEqual([])
})

describe('Commands', () => {
  test('have a title in both languages and an id of their menu', () => {
    const strange = COMMANDS.filter(
      ({ title, menu }) => !title.en || !/[\u3040-\u30ff\u4e00-\u9fff]/.test(title.ja) || !menu,
    )
    expect(strange).toEqual([])
    const ids = COMMANDS.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(MENUS.every(({ id }) => COMMANDS.some(command => command.menu === id))).toBe(true)
  })

  test('leave to the browser the keys that it keeps, and use none twice', () => {
    const kept = ['Mod+W', 'Mod+T', 'Mod+N', 'Mod+Tab', 'Mod+Shift+N', 'F11']
    const shortcuts = COMMANDS.flatMap(command => command.shortcut ?? [])
    expect(shortcuts.filter(shortcut => kept.includes(shortcut))).toEqual([])
    expect(new Set(shortcuts).size).toBe(shortcuts.length)
  })
})

function flatten(tree: object, prefix = ''): Map<string, string> {
  const entries = Object.entries(tree as Record<string, string | object>)
  return new Map(
    entries.flatMap(([name, value]) =>
      typeof value === 'string'
        ? [[prefix + name, value] as const]
        : [...flatten(value, `${prefix}${name}.`)],
    ),
  )
}

interface TemplateNode {
  readonly type: number
  readonly content?: unknown
  readonly props?: readonly {
    type: number
    name: string
    value?: { content: string } | undefined
  }[]
  readonly children?: readonly unknown[]
}

const TEXT_NODE = 2
const STATIC_ATTRIBUTE = 6
const SPOKEN_ATTRIBUTES = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label'])

/** Letters that a person would read although no catalogue holds them. */
function wordsIn(node: TemplateNode): string[] {
  const own = node.type === TEXT_NODE && typeof node.content === 'string' ? [node.content] : []
  const spoken = (node.props ?? []).flatMap(({ type, name, value }) =>
    type === STATIC_ATTRIBUTE && SPOKEN_ATTRIBUTES.has(name) && value ? [value.content] : [],
  )
  const found = [...own, ...spoken].filter(text => /\p{L}/u.test(text))
  return [...found, ...(node.children ?? []).filter(isNode).flatMap(wordsIn)]
}

function isNode(value: unknown): value is TemplateNode {
  return typeof value === 'object' && value !== null && 'type' in value
}
