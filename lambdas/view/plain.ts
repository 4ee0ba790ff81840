/**
 * Text from outside as one harmless line: no control characters (terminals obey escape sequences) and no
 * format characters (a right-to-left override shows another version than the one approved; "Trojan Source").
 */
export function plain(text: string): string {
  return text
    .replace(/[\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

/** Somebody's words in a mail: mail programs make links of what looks like one, and ours has exactly one. */
export function unlinked(text: string): string {
  return plain(text)
    .replaceAll('://', '[:]//')
    .replace(/\bwww\./gi, 'www[.]')
    .replace(/\bmailto:/gi, 'mailto[:]')
    .replace(/(\w)\.(?=[a-z]{2,}(?::\d+)?\/)/gi, '$1[.]');
}

/** A mail subject for SNS: ASCII, one line, at most 100 characters, beginning with a printable one (SNS API, Publish). */
export function subjectLine(text: string): string {
  const ascii = plain(text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/→/g, '->')).replace(
    /[^\x20-\x7e]/g,
    '?',
  );
  return ascii.length <= 100 ? ascii : `${ascii.slice(0, 97)}...`;
}

/** Slack's three control characters (docs.slack.dev, "Formatting message text"); with them gone nothing mentions or links. */
export function slackText(text: string): string {
  return plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The middle goes when a name is too long: people tell versions apart by both ends. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 2) / 2);
  return `${text.slice(0, head)}..${text.slice(text.length - (length - 2 - head))}`;
}
