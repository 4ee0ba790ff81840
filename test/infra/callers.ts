import { expect } from 'vitest';
import { decideCall, type WorldCall } from './decide-call.ts';
import { environmentNames, forge } from './forge.ts';
import type { Statement } from './policies.ts';
import type { World } from './world.ts';

export const TOOLS = forge.tools.account;
export const STRANGER = '999999999999';
export const accounts = [...environmentNames.map(accountOf), STRANGER];

export function accountOf(environment: string): string {
  return String(forge.environments[environment as keyof typeof forge.environments]?.account);
}

export const roleArn = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
export const functionRole = (name: string) => roleArn(TOOLS, `conveyor-${name}`);
export const deployRole = (environment: string) =>
  roleArn(accountOf(environment), `ConveyorDeployRole-${environment}`);

/** The functions that act in environments. */
export const CROSSING = [
  'copy-image',
  'verify-image',
  'copy-tarball',
  'verify-tarball',
  'sweep-source',
  'deploy-hosts',
  'provision',
  'sweep-hosts',
  'mend-line',
];
/** Names that a wrong caller would give its own role. */
export const ROLES = [
  ...CROSSING.map((name) => `conveyor-${name}`),
  'conveyor-api',
  'conveyor-update-ledger',
  'conveyor-machine-promote',
  'ConveyorDeployRole-qa',
];

export const arn = (service: string, rest: string) =>
  `arn:aws:${service}:us-east-1:${TOOLS}:${rest}`;

/** The ARN of the one resource of the tools account with a policy of its own and this in its name. */
export function made(world: World, service: string, part: string): string {
  const found = [...world.policies.keys()].filter(
    (name) => name.startsWith(arn(service, '')) && name.includes(part),
  );
  if (found[0] === undefined || found.length > 1)
    throw new Error(`${found.length} resources of ${service} with ${part} in their names`);
  return found[0];
}

const EVERYTHING: readonly Statement[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }];

export type Caller = Pick<WorldCall, 'principal' | 'rights'>;

/**
 * Callers with every right that their own account can give: in each environment's account and a stranger's, roles of
 * the same names as Conveyor's own, administrators, users, roots. Only the other side can refuse them.
 */
export function powerful(names: readonly string[], among = accounts): Caller[] {
  return among.flatMap((account) =>
    [
      ...names.map((name) => roleArn(account, name)),
      roleArn(account, 'Admin'),
      `arn:aws:iam::${account}:user/Admin`,
      `arn:aws:iam::${account}:root`,
      `arn:aws:sts::${account}:assumed-role/Admin/${names[0] ?? 'conveyor'}`,
    ].map((principal) => ({ principal, rights: EVERYTHING })),
  );
}

/** Roles of the templates, and within the tools account somebody who has no rights but a name like one of ours. */
export function ordinary(world: World): Caller[] {
  const lookalikes = ['conveyor-copy-image-2', 'conveyor', 'path/conveyor-copy-image', 'Developer'];
  return [
    ...[...world.identities.keys()].map((principal) => ({ principal })),
    ...lookalikes.map((name) => ({ principal: roleArn(TOOLS, name) })),
    { principal: `arn:aws:sts::${TOOLS}:assumed-role/Developer/conveyor-copy-image` },
  ];
}

/** Services that are nobody's business here, and those that are, so that only the right one passes. */
export const services: Caller[] = [
  ...['events', 'scheduler', 'sns', 'lambda', 'states', 'cloudwatch', 's3', 'ec2', 'codebuild'],
].map((name) => ({ principal: `${name}.amazonaws.com` }));

export interface Room {
  readonly callers: readonly Caller[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly contexts?: readonly Readonly<Record<string, string>>[];
  /** Who may do it, written down by hand: what the templates say is held against it. */
  readonly right: (call: WorldCall) => boolean;
}

interface Tried {
  readonly right: number;
  readonly wrong: number;
  /** Calls decided otherwise than they should be; none is right. */
  readonly mistaken: readonly string[];
}

/** Everything that some room was about, for the question what was left out. */
export const tried = { actions: new Set<string>(), resources: new Set<string>() };

/** Every caller × action × resource × context of a room, decided by both sides. */
function tryAll(world: World, room: Room): Tried {
  for (const action of room.actions) tried.actions.add(action);
  for (const resource of room.resources) tried.resources.add(resource);
  let [right, wrong] = [0, 0];
  const mistaken: string[] = [];
  for (const caller of room.callers)
    for (const action of room.actions)
      for (const resource of room.resources)
        for (const context of room.contexts ?? [{}]) {
          const call = { ...caller, action, resource, context: { ...TLS, ...context } };
          const expected = room.right(call);
          if (expected) right++;
          else wrong++;
          const verdict = decideCall(world, call);
          if ((verdict === 'allowed') !== expected)
            mistaken.push(
              `${verdict}: ${caller.principal} ${action} ${resource} ${JSON.stringify(context)}`,
            );
        }
  return { right, wrong, mistaken };
}

const TLS = { 'aws:SecureTransport': 'true' };

/** Decides the whole room as written down; `right` calls pass, and at least 200 others are refused. */
export function holds(world: World, room: Room, right: number): void {
  const seen = tryAll(world, room);
  expect(seen.mistaken.slice(0, 8)).toEqual([]);
  expect(seen.right).toBe(right);
  expect(seen.wrong).toBeGreaterThanOrEqual(200);
}

/** One entry for each role: the actions it may do on the room's resources. */
export function byRole(rights: Readonly<Record<string, readonly string[]>>) {
  const of = new Map(
    Object.entries(rights).flatMap(([names, actions]) =>
      names.split(' ').map((name) => [functionRole(name), actions] as const),
    ),
  );
  return ({ principal, action }: WorldCall) => of.get(principal)?.includes(action) ?? false;
}
