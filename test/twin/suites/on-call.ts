import { readFileSync } from 'node:fs';
import type { SessionCredentials } from '../../../bin/twin/child-environment.ts';
import { ACCOUNTS } from '../../../bin/twin/layout.ts';
import { makeRole, takeRole } from '../../../bin/twin/people.ts';
import type { Twin } from '../../../bin/twin/start-twin.ts';
import type { Statement } from '../../infra/policies.ts';

const HOW_TO = 'docs/how-to/without-conveyor.md';
const ROLE = { account: ACCOUNTS.dev, name: 'on-call' };
export const ON_CALL = `arn:aws:iam::${ROLE.account}:role/${ROLE.name}`;
/** As STS names the session. */
export const RAJ_ON_CALL = `arn:aws:sts::${ROLE.account}:assumed-role/${ROLE.name}/raj`;

/** What the how-to gives to who may deploy past Conveyor. */
export function policyOnCall(): { readonly Statement: readonly Statement[] } {
  const [, text = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync(HOW_TO, 'utf8')) ?? [];
  return JSON.parse(text);
}

/** Raj's session of a role in dev's own account that has that policy and no other. */
export async function sessionOnCall({ endpoint }: Twin): Promise<SessionCredentials> {
  await makeRole(endpoint, ROLE, { name: 'without-conveyor', policy: policyOnCall() });
  return takeRole(endpoint, ROLE, 'raj');
}
