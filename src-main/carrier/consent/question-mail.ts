import { factsOf, type Question } from './question'

/**
 * The mail that tells a manager of an update and asks whether it is wanted (S52, S1-54), in English
 * and Japanese. Whoever follows the link can answer.
 */
export function questionMail(
  question: Question,
  link: string,
): { readonly subject: string; readonly text: string } {
  const [facts, japaneseFacts] = [factsOf(question, 'en'), factsOf(question, 'ja')]
  const text = [...english(facts, link), '', '----', '', ...japanese(japaneseFacts, link), '']
  const subject = `Do you want the update? / 更新のご確認: ${facts.software}`
  return { subject, text: text.join('\n') }
}

type Facts = ReturnType<typeof factsOf>

function english(facts: Facts, link: string): string[] {
  const { software, vendor, device, manager, price, deadline } = facts
  return [
    `${manager}: there is new software ${software} of ${vendor} for your device ${device}.`,
    `Price: ${price ?? 'free of charge'}`,
    'Do you want the update? Please answer here:',
    link,
    ...(deadline === null ? [] : [`Answers count until ${deadline}.`]),
    'Without an answer nothing is changed and nothing is to be paid.',
  ]
}

function japanese(facts: Facts, link: string): string[] {
  const { software, vendor, device, manager, price, deadline } = facts
  return [
    `${manager} 様: 機器 ${device} 用の新しいソフトウェア ${software}（${vendor}）があります。`,
    `代金: ${price ?? '無料'}`,
    '更新を希望されますか。次のページでお答えください。',
    link,
    ...(deadline === null ? [] : [`回答期限: ${deadline}`]),
    '回答がない場合、更新も請求も行いません。',
  ]
}
