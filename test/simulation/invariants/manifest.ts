import { isOnHosts } from '../draw-fleets.ts';

const WORD = '(?:"[^"\\n]*"|[\\w.-]+)';

/** What one service has in a manifest, from its name to the next one’s; empty where it has nothing. */
function blockOf(text: string, service: string): string {
  return new RegExp(`^${service}:\\n(?:[ ]+.*\\n)*`, 'm').exec(text)?.[0] ?? '';
}

/** Which version a manifest names for a service; empty where it names none. */
export function versionIn(text: string, service: string): string {
  return /^ {2}version: "?([^"\n]*)"?$/m.exec(blockOf(text, service))?.[1] ?? '';
}

/** Which version a manifest says that each host of a service runs. */
export function hostsIn(text: string, service: string): ReadonlyMap<string, string> {
  const lines = blockOf(text, service).matchAll(/^ {4}(i-[0-9a-f]+): "([^"\n]*)"$/gm);
  return new Map([...lines].map(([, host = '', version = '']) => [host, version]));
}

/** Every line but what may be written of a service: the version, what its hosts run, or both. Nothing else is left out. */
export function withoutOwn(
  text: string,
  service: string,
  { version, hosts }: { readonly version: boolean; readonly hosts: boolean },
): string {
  const block = blockOf(text, service);
  if (block === '') return text.replace(/^( *tag:).*$/m, version ? '$1' : '$&');
  const host = ` {4}i-[0-9a-f]{8,17}: ${WORD}\\n`;
  const bare = block
    .replace(new RegExp(`^( {2}version:) ${WORD}$`, 'm'), version ? '$1' : '$&')
    .replace(new RegExp(`^ {2}hosts:(?: \\{\\}\\n|\\n(?:${host})+)`, 'm'), hosts ? '' : '$&');
  return text.replace(block, () => bare);
}

/** What approvers are shown of a file: of a manifest of hosts, that service’s version, as each host that comes changes the file. */
export function shownOf(text: string, service: string): string {
  return isOnHosts(service) ? versionIn(text, service) : text;
}
