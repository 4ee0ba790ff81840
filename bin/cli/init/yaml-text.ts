import { parse } from 'yaml';

/** A text as YAML writes it: bare where it is read back as itself, else in quotes. */
export function yamlText(text: string): string {
  return /^[A-Za-z/][\w./-]*$/.test(text) && parse(text) === text ? text : JSON.stringify(text);
}
