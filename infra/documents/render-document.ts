import { readFileSync } from 'node:fs';
import type { DocumentKind } from '../../lambdas/domain/rollout.ts';

/** What a document's script is made of, in the order in which the parts stand on each other. */
const PARTS: Readonly<Record<DocumentKind, readonly string[]>> = {
  systemd: ['common.sh', 'systemd-look.sh', 'systemd-release.sh', 'systemd.sh'],
  compose: [
    'common.sh',
    'forge-refresh-env',
    'compose-look.sh',
    'compose-fetch.sh',
    'compose-files.sh',
    'compose-return.sh',
    'compose.sh',
  ],
  provision: ['common.sh', 'provision-look.sh', 'provision-parts.sh', 'provision.sh'],
};

const DESCRIPTIONS: Readonly<Record<DocumentKind, string>> = {
  systemd: 'Conveyor: deploys to, looks at and restores a host (systemd)',
  compose: 'Conveyor: deploys to, looks at and restores a host (compose)',
  provision: 'Conveyor: looks at, puts and removes the scaffolding of a service on a host',
};

/** Seconds after which the agent ends a script that does not end by itself; a rollout gives a host up long before. */
const LONGEST_SECONDS = 3_600;

/** One POSIX sh script, the same on every host and for every service: what differs comes as the request. */
export function renderScript(kind: DocumentKind): string {
  return PARTS[kind]
    .map((part) => readFileSync(new URL(part, import.meta.url), 'utf8').trimEnd())
    .join('\n\n')
    .concat('\n');
}

/**
 * The Systems Manager document of a kind of host ("SSM document syntax", schema 2.2). Its one parameter is base64, checked by
 * Systems Manager, and reaches the script as an environment variable, never as text of it.
 */
export function renderDocument(kind: DocumentKind): Readonly<Record<string, unknown>> {
  const request = {
    type: 'String',
    description: 'What is asked of the host: base64 of JSON',
    allowedPattern: '^[A-Za-z0-9+/]{4,}={0,2}$',
    interpolationType: 'ENV_VAR',
  };
  return {
    schemaVersion: '2.2',
    description: DESCRIPTIONS[kind],
    parameters: { Request: request },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'host',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: {
          timeoutSeconds: String(LONGEST_SECONDS),
          runCommand: renderScript(kind).trimEnd().split('\n'),
        },
      },
    ],
  };
}
