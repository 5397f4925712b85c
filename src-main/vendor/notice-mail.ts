import type { ReleaseNotice } from '../wire/vendor/messages'

/** Where the carrier reads notices, unless the vendor was told another address. */
const CARRIER_MAIL = 'carrier@kintsugi.example'

/**
 * A notice as a mail that people and programs can read (S1-28, docs/formats/vendor.md). The same
 * notice again is the same mail.
 */
export function noticeMail(notice: ReleaseNotice, carrierMail: string | null) {
  const { noticeId, vendorName, vendorReleaseId, softwareName, version, revision } = notice
  const host = hostOf(vendorName)
  const text = [
    `Vendor: ${vendorName}`,
    `Release: ${vendorReleaseId}`,
    `Software: ${softwareName} ${version}`,
    `Revision: ${revision}`,
    `Notice: ${noticeId}`,
    '',
    'This software is registered in our software database and waits to be fetched.',
    'このソフトウェアは当社のソフトウェアデータベースに登録され、取得をお待ちしています。',
    '',
  ].join('\n')
  return {
    from: `notices@${host}`,
    to: carrierMail ?? CARRIER_MAIL,
    subject: 'Release notice',
    text,
    messageId: `notice-${noticeId}@${host}`,
  }
}

/** A mail address has a host of ASCII, a vendor any name. */
function hostOf(vendorName: string): string {
  const label = vendorName
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return `${label === '' ? 'vendor' : label}.example`
}
