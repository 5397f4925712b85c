import { hash } from 'node:crypto'
import type { DeviceTask } from '../../contract/rollouts'
import { PAGE_TEXTS } from './page-texts'
import { factsOf, type Language, type Question, type Standing } from './question'

const STYLE = `
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem}
main{max-width:36rem;margin:0 auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{opacity:.75}
dd{margin:0;overflow-wrap:anywhere}
button{font:inherit;min-height:2.75rem;padding:.5rem 1.25rem;margin:.25rem .5rem .25rem 0}
[role=status],[role=alert]{border-inline-start:.25rem solid;padding:.5rem 1rem}
`

/** Nothing runs, nothing is loaded, and only this server is sent anything. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface ConsentPage {
  readonly question: Question
  readonly answer: DeviceTask['answer']
  readonly standing: Standing
  /** An answer was given just now and did not count. */
  readonly isIneffective: boolean
}

/** The page on which a manager answers (S53). It works without scripts. */
export function consentPage(page: ConsentPage, language: Language, status: number): Response {
  const texts = PAGE_TEXTS[language]
  const { answer, standing, isIneffective } = page
  const said = answer === null ? texts.unanswered : texts.answered(texts.answers[answer])
  const warning = isIneffective ? `<p role="alert">${escaped(texts.ineffective)}</p>` : ''
  const rest = standing === 'open' ? form(language) : paragraph(texts.standings[standing])
  const body = `${details(page.question, language)}${warning}<p role="status">${escaped(said)}</p>${rest}`
  return document(body, language, status)
}

export function unknownPage(language: Language): Response {
  return document(paragraph(PAGE_TEXTS[language].unknown), language, 404)
}

function details(question: Question, language: Language): string {
  const { labels, free, noDeadline } = PAGE_TEXTS[language]
  const { price, deadline, ...facts } = factsOf(question, language)
  const values = { ...facts, price: price ?? free, deadline: deadline ?? noDeadline }
  const names = ['software', 'vendor', 'device', 'manager', 'price', 'deadline'] as const
  const rows = names.map(
    name => `<dt>${escaped(labels[name])}</dt><dd>${escaped(values[name])}</dd>`,
  )
  return `<dl>${rows.join('')}</dl>`
}

function form(language: Language): string {
  const { question, answers, changeable } = PAGE_TEXTS[language]
  const button = (answer: 'yes' | 'no') =>
    `<button name="answer" value="${answer}">${escaped(answers[answer])}</button>`
  return `<form method="post"><fieldset><legend>${escaped(question)}</legend>${button('yes')}${button('no')}</fieldset></form>${paragraph(changeable)}`
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`
}

function document(body: string, language: Language, status: number): Response {
  const title = escaped(PAGE_TEXTS[language].title)
  const html = `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1>${body}</main></body>
</html>
`
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': POLICY,
      // A stricter one would hide from the server that its own page sent the form.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      vary: 'accept-language',
    },
  })
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => ESCAPES[character] ?? '')
}
