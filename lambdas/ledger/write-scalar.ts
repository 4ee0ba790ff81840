import { isScalar, parseDocument, type Scalar } from 'yaml';

/**
 * Helm reads numbers as float64 and prints from a million on as 1.234567e+06 (helm/helm#1707), so a
 * longer number is quoted even where the old one was not.
 */
const SHORT_NUMBER = /^(?:0|[1-9]\d{0,5})$/;
const PLAIN_CHARACTERS = /^[A-Za-z0-9_][\w.:/@+-]*$/;

/** The ways to write `value` where `old` stands, the one that keeps its style first. */
export function writeScalar(value: string, old: Scalar): string[] {
  const double = JSON.stringify(value);
  if (old.type === 'QUOTE_DOUBLE') return [double];
  if (old.type === 'QUOTE_SINGLE') return [`'${value.replaceAll("'", "''")}'`];
  return staysPlain(value, old) ? [value, double] : [double];
}

/** Whether a node says `value` and nothing else: as a string, or as a number that prints the same everywhere. */
export function says(node: Scalar, value: string): boolean {
  if (node.value === value) return true;
  return typeof node.value === 'number' && node.source === value && SHORT_NUMBER.test(value);
}

function staysPlain(value: string, old: Scalar): boolean {
  if (!PLAIN_CHARACTERS.test(value)) return false;
  if (typeof old.value === 'number' && SHORT_NUMBER.test(value)) return true;
  // Helm, kustomize and Argo CD read YAML 1.1, where yes, 0123, 1_000 and 2024-01-31 are not strings.
  return (['1.1', '1.2'] as const).every((version) => {
    const { contents } = parseDocument(value, { version, logLevel: 'silent' });
    return isScalar(contents) && contents.value === value;
  });
}
