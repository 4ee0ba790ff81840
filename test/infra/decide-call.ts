import { type Call, evaluate, type Statement, type Verdict } from './policies.ts';
import type { World } from './world.ts';

export interface WorldCall extends Call {
  /** What the caller may by itself, for who is not in the templates. @default what the templates give it, else nothing */
  readonly rights?: readonly Statement[];
}

/**
 * Whether AWS lets a call happen, by both sides of it ("Policy evaluation logic" and "Cross-account policy
 * evaluation logic", IAM guide): within an account either side may allow it, between accounts both must; a role's
 * trust and a key's policy must allow it in any case ("Key policies", KMS guide); an account named as principal only
 * hands the decision on to that account's own policies; an explicit denial on either side wins, and nothing is
 * allowed beyond a boundary. Services act by the resource's policy alone.
 */
export function decideCall(world: World, given: WorldCall): Verdict {
  const call = { ...given, principal: roleOf(given.principal) };
  const identity = world.identities.get(call.principal);
  const own = evaluate(call.rights ?? identity?.statements ?? [], call);
  const callee = call.resource.replace(/^(arn:aws:s3:::[^/]+)\/.*$/, '$1');
  const policy = world.policies.get(callee) ?? [];
  const theirs = evaluate(policy, call);
  const verdicts = [own, theirs];
  if (identity?.boundary !== undefined) verdicts.push(evaluate(identity.boundary, call));
  if (verdicts.includes('explicitly denied')) return 'explicitly denied';
  if (isService(call.principal)) return theirs;
  if (verdicts[2] === 'denied') return 'denied';

  const named = call.principal.endsWith(':root') ? policy : policy.map(withoutAccounts);
  const byName = evaluate(named, call) === 'allowed';
  const both = own === 'allowed' && theirs === 'allowed';
  if (accountOf(world, call.principal) !== accountOf(world, callee))
    return both ? 'allowed' : 'denied';
  if (mustBeAskedItself(call)) return byName || both ? 'allowed' : 'denied';
  return byName || own === 'allowed' ? 'allowed' : 'denied';
}

/** A session has its role's rights; policies that name the role mean its sessions. */
function roleOf(principal: string): string {
  const [, account, role] =
    /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/.exec(principal) ?? [];
  return role === undefined ? principal : `arn:aws:iam::${account}:role/${role}`;
}

const isService = (principal: string) => principal.endsWith('.amazonaws.com');

function mustBeAskedItself({ action, resource }: WorldCall): boolean {
  return action.startsWith('sts:') || resource.startsWith('arn:aws:kms:');
}

/** @throws for what belongs to no account that is known here */
function accountOf({ buckets }: World, arn: string): string {
  const account = buckets.get(arn) ?? arn.split(':')[4];
  if (!account) throw new Error(`Nobody knows whose ${arn} is`);
  return account;
}

/** Who is named itself, not only by its account. */
function withoutAccounts(statement: Statement): Statement {
  if (statement.Effect === 'Deny' || typeof statement.Principal !== 'object') return statement;
  const names = [statement.Principal.AWS ?? []].flat();
  const direct = names.filter((name) => !/^(\d{12}|arn:[\w-]+:iam::\d{12}:root)$/.test(name));
  return { ...statement, Principal: { ...statement.Principal, AWS: direct } };
}
